"""Data sets in their official layouts, and a model that answers about all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.evaluate_referring.layouts import HW, Halving, instances, rectangle, reference
from tests.data.readers.conftest import Disk

from biprompt.evaluation.model import Contender
from biprompt.masks import rle_encode


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Halving:
    halving = Halving()
    contender = Contender("halving", "1", halving, semantic=True)
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: contender)
    return halving


@pytest.fixture(autouse=True)
def always(model: Halving) -> None:
    """No test of this folder loads a true model."""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "data")


@pytest.fixture
def refer(disk: Disk) -> Disk:
    for number in (1, 2, 3):
        disk.photo(f"images/mscoco/train2014/{number}.jpg", HW)
    refs = [
        reference(1, "val", "left cup", "the CUP"),
        reference(2, "testA", "cup"),
        reference(3, "testB", "mug"),
    ]
    disk.pickle("refcoco/refs(unc).p", refs)
    disk.json("refcoco/instances.json", instances(1, 2, 3))
    return disk


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder in COCO layout: two cups in one photograph."""
    root = tmp_path / "photos"
    (root / "images").mkdir(parents=True)
    Image.new("RGB", HW[::-1]).save(root / "images" / "1.jpg")
    document = instances(1)
    masks = (rectangle(2, 2, 7, 12), rectangle(20, 0, 30, 10))
    document["annotations"] = [
        {"id": n, "image_id": 1, "category_id": 1, "segmentation": rle_encode(mask)}
        for n, mask in enumerate(masks)
    ]
    (root / "instances.json").write_text(json.dumps(document))
    return root
