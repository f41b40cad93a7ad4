"""One run after the other, each through the command line; what is finished is not run again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from benchmarks.ablation.rows import BASE, FIRST, Row, Study

# What every run has in common; the rest is the recipe of `--tiny`.
_ALWAYS = ("log_every=50", "validate_every=1000000", "save_every=100", "threads=1")
_TINY = ("tiny_canvas=128", "tiny_beit_side=96")
_FROM_FILES = ("batch=16", "micro_batch=16", "rate=0.001", "precision='no'", "workers=0",
               "checkpoint_activations=false", "train_image_encoder=false")  # fmt: skip
_SAM, _BEIT3 = "visual_model.", "mm_extractor."


@dataclass(frozen=True, slots=True)
class Runs:
    """Where runs are kept, and what they learn from.

    Attributes:
        data: folders in COCO layout.
        out: holds a folder for each run.
    """

    data: tuple[Path, ...]
    out: Path

    def found(self, study: Study, row: Row) -> list[float]:
        """The cIoU of every finished run of a row, by seed."""
        every = (self.ciou(study, row, seed) for seed in range(study.seeds))
        return [value for value in every if value is not None]

    def ciou(self, study: Study, row: Row, seed: int) -> float | None:
        """The cIoU on what is held out at the end of a run; None while it is not over."""
        log = self.folder(study, row, seed) / "log.jsonl"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        found = [line["validation"]["ciou"] for line in lines if "validation" in line]
        return found[-1] if found else None

    def folder(self, study: Study, row: Row, seed: int) -> Path:
        """Of one run."""
        return self.out / f"{study.key}-{row.key}-{seed}"

    def carry_out(self, study: Study, row: Row, seed: int) -> None:
        """Train, or go on where it was stopped."""
        folder = self.folder(study, row, seed)
        command = [sys.executable, "-m", "biprompt", "train", "evf-sam", "--out", str(folder)]
        for path in self.data:
            command += ["--data", str(path)]
        if (folder / "checkpoint.pt").exists():
            command += ["--resume"]
        else:
            command += ["--tiny"] if study.start == "random" else self._files(study, seed)
            for change in (*_common(study), *row.changes, f"steps={study.steps}", f"seed={seed}"):
                command += ["--set", change]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _files(self, study: Study, seed: int) -> list[str]:
        """Weights to begin with, as files."""
        source = self.folder(BASE, FIRST, 0)
        weights = load_file(next((source / "best").glob("*.safetensors")))
        folder = self.out / f"first-{study.key}-{seed}"
        folder.mkdir(exist_ok=True)
        beit3 = _part(weights, _BEIT3)
        if study.start == "random BEiT-3":
            torch.manual_seed(seed)
            beit3 = {name: _fresh(name, value) for name, value in beit3.items()}
        save_file(_part(weights, _SAM), folder / "sam.safetensors")
        save_file(beit3, folder / "beit3.safetensors")
        return ["--sam", str(folder / "sam.safetensors"),
                "--beit3", str(folder / "beit3.safetensors"),
                "--tokenizer", str(source / "sentencepiece.bpe.model")]  # fmt: skip


def _common(study: Study) -> tuple[str, ...]:
    return (*_ALWAYS, *(_TINY if study.start == "random" else _FROM_FILES))


def _part(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v.clone() for k, v in weights.items() if k.startswith(prefix)}


def _fresh(name: str, value: torch.Tensor) -> torch.Tensor:
    """Random as a new network's: matrices are drawn, norms scale by one, the rest is zero."""
    if value.ndim >= 2:
        return torch.nn.init.trunc_normal_(value, std=0.02)
    is_scale = "norm" in name or "_ln." in name
    return torch.ones_like(value) if is_scale and name.endswith("weight") else value.zero_()
