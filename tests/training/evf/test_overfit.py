"""Evidence: a tiny EVF-SAM learns ten real pictures, and segments them from its checkpoint.

The pictures are cut from examples/ (see ten/README.md). Everything goes through the command line.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from biprompt.cli import main
from biprompt.data.coco import read_coco
from biprompt.metrics import overlap, referring_sums

from .conftest import TEN

SETTINGS = {
    "steps": 170, "batch": 10, "micro_batch": 10, "warmup": 20, "rate": 0.003, "semantic": 1.0,
    "tiny_sam_layers": 1, "tiny_sam_dim": 64, "tiny_beit_layers": 2, "tiny_decoder_dim": 96,
    "log_every": 10, "save_every": 1000, "threads": 1,
}  # fmt: skip


def test_ten_real_pictures_are_learnt_and_segmented(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    fields = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    trained = main(["train", "evf-sam", "--data", str(TEN), "--out", "run", "--tiny", *fields])
    assert trained == 0
    found = []
    for image in read_coco(TEN).images:
        for thing in image.annotations:
            asked = ["--text", f"[semantic] {thing.label}", "--model", "run/best"]
            assert main(["segment", str(image.path), *asked, "-o", "mask.png", "--force"]) == 0
            mask = np.asarray(Image.open("mask.png").convert("L")) > 127
            found.append(overlap(mask, thing.mask()))
    assert len(found) == 12
    assert referring_sums(found).ciou >= 0.95
