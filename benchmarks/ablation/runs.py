"""One run after the other, each through the command line; what is finished is not run again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from benchmarks.ablation.rows import FUSION, Row, Study

SMALL = ("tiny_canvas=128", "tiny_beit_side=96", "log_every=50", "validate_every=1000000",
         "save_every=100", "threads=1")  # fmt: skip
SAM, BEIT3 = "visual_model.", "mm_extractor."


@dataclass(frozen=True, slots=True)
class Runs:
    """Where runs are kept, and what they learn from.

    Attributes:
        data: folders in COCO layout.
        out: holds a folder for each run.
    """

    data: tuple[Path, ...]
    out: Path

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
        elif study.frozen_sam:
            command += self._first(seed)
        else:
            command += ["--tiny"]
        if not (folder / "checkpoint.pt").exists():
            for change in (*_base(study), *row.changes, f"steps={study.steps}", f"seed={seed}"):
                command += ["--set", change]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _first(self, seed: int) -> list[str]:
        """Files of weights: the SAM of a finished run, and a BEiT-3 that knows nothing."""
        source = self.folder(FUSION, FUSION.rows[0], 0)
        weights = load_file(next((source / "best").glob("*.safetensors")))
        torch.manual_seed(seed)
        folder = self.out / f"first-{seed}"
        folder.mkdir(exist_ok=True)
        save_file(_part(weights, SAM), folder / "sam.safetensors")
        beit3 = {name: _fresh(name, value) for name, value in _part(weights, BEIT3).items()}
        save_file(beit3, folder / "beit3.safetensors")
        tokenizer = source / "sentencepiece.bpe.model"
        return ["--sam", str(folder / "sam.safetensors"), "--tokenizer", str(tokenizer),
                "--beit3", str(folder / "beit3.safetensors")]  # fmt: skip


def _base(study: Study) -> tuple[str, ...]:
    same = ("batch=16", "micro_batch=16", "rate=0.001", "precision='no'", "workers=0",
            "checkpoint_activations=false")  # fmt: skip
    return (*SMALL[2:], *same) if study.frozen_sam else SMALL


def _part(weights: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v.clone() for k, v in weights.items() if k.startswith(prefix)}


def _fresh(name: str, value: torch.Tensor) -> torch.Tensor:
    """Random as a new network's: vectors that scale and shift stay, the rest is drawn."""
    if value.ndim < 2:
        return torch.ones_like(value) if "norm" in name and "weight" in name else value.zero_()
    return torch.nn.init.trunc_normal_(value, std=0.02)
