"""`biprompt evaluate referring` on classes, labels and things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.cli.evaluate_referring.layouts import (
    BOX,
    HW,
    Halving,
    instances,
    numbers,
    polygon,
    rectangle,
    report,
)
from tests.data.readers.conftest import Disk

Run = Callable[..., Any]


@pytest.fixture
def ade(disk: Disk) -> Disk:
    """A wall that fills the photograph but for the cup, which is sky, and an ignored corner."""
    labels = np.ones(HW, np.uint8)
    labels[rectangle(*BOX)] = 3
    labels[rectangle(20, 0, 30, 20)] = 0
    disk.photo("images/validation/ADE_val_00000001.jpg", HW)
    disk.grey("annotations/validation/ADE_val_00000001.png", labels)
    return disk


def test_classes_of_ade20k(run: Run, ade: Disk, folder: Path, model: Halving) -> None:
    given = ("--data", ade.root, "--dataset", "ade20k", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    assert model.heard[:2] == ["[semantic] wall", "[semantic] sky"]
    found = report(folder, "ade20k-val")
    always = numbers(found, "val", "always")
    assert always["ciou"] == pytest.approx((0 + 50) / (350 + 100), abs=1e-6)
    assert always["giou"] == 0.25
    classes = found["results"]["halving"]["kinds"]["class"]
    assert classes["sky"]["ciou"]["value"] == 0.5 and classes["wall"]["ciou"]["value"] == 0
    page = (folder / "results/referring-ade20k-val.md").read_text()
    assert "as `[semantic] name`, as the model knows that prefix" in page
    assert "| **halving** | 25.0 | 11.1 | - | - | class name | ours |" in page


def test_every_class_of_ade20k(run: Run, ade: Disk, folder: Path) -> None:
    given = ("--data", ade.root, "--dataset", "ade20k", "--every-class", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    each = report(folder, "ade20k-val-every-class")["results"]["halving"]["splits"]["val"]
    assert (each["questions"], each["no_target"]) == (150, 148)
    assert (each["n_acc"]["value"], each["t_acc"]["value"]) == (0, 1)


def test_pascal_voc_never_asks_for_the_background(
    run: Run, disk: Disk, folder: Path, model: Halving
) -> None:
    labels = np.zeros(HW, np.uint8)
    labels[rectangle(*BOX)] = 12
    labels[rectangle(7, 2, 12, 12)] = 255
    disk.photo("VOCdevkit/VOC2012/JPEGImages/2007_1.jpg", HW)
    disk.palette("VOCdevkit/VOC2012/SegmentationClass/2007_1.png", labels, list(range(256)) * 3)
    disk.text("VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt", "2007_1\n")
    given = ("--data", disk.root, "--dataset", "pascal-voc", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    assert set(model.heard) == {"[semantic] dog"}
    assert numbers(report(folder, "pascal-voc-val"), "val", "always")["ciou"] == 1


def test_parts_of_a_class_are_joined(run: Run, disk: Disk, folder: Path) -> None:
    disk.photo("VOCdevkit/VOC2010/JPEGImages/1.jpg", HW)
    document = instances(1)
    document["categories"] = [{"id": 1, "name": "dog:leg"}]
    other = {"id": 99, "image_id": 1, "category_id": 1, "segmentation": [polygon(2, 12, 12, 17)]}
    document["annotations"].append(other)
    disk.json("val.json", document)
    given = ("--data", disk.root, "--dataset", "pascal-part", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    found = report(folder, "pascal-part-val")
    assert numbers(found, "val", "always")["ciou"] == pytest.approx(50 / 150, abs=1e-6)
    assert list(found["results"]["halving"]["kinds"]["class"]) == ["dog leg"]
    page = (folder / "results/referring-pascal-part-val.md").read_text()
    assert "| **halving** | 33.3 | 33.3 | class name | ours |" in page


def test_instruments_of_endovis(run: Run, disk: Disk, folder: Path, model: Halving) -> None:
    """One type of two is in sight; the black border of the frame is cut off."""
    inside = (slice(28, 1052), slice(320, 1600))
    mask = np.zeros((1080, 1920), np.uint8)
    mask[inside][2:12, 2:12] = 30
    for number in (1, 3):
        place = f"train/instrument_dataset_{number}"
        disk.photo(f"{place}/left_frames/frame000.png", mask.shape)
        disk.grey(f"{place}/ground_truth/Left_Prograsp_Forceps_labels/frame000.png", mask)
        disk.grey(f"{place}/ground_truth/Vessel_Sealer_labels/frame000.png", mask * 0)
    given = ("--data", disk.root, "--dataset", "endovis17", "--split", "fold0", "--out", "results")
    assert run("evaluate", "referring", *given, "--limit", 3).status == 0
    assert set(model.heard) == {"[semantic] prograsp forceps"}
    found = report(folder, "endovis17-fold0")
    assert numbers(found, "fold0", "always")["ciou"] == 0.5
    assert found["results"]["halving"]["left_out"] == 1


def test_a_folder_by_label_and_by_thing(run: Run, photos: Path, folder: Path) -> None:
    assert run("evaluate", "referring", "--data", photos, "--out", "results").status == 0
    together = numbers(report(folder, "photos"), "all", "always")
    assert (together["ciou"], together["giou"]) == (pytest.approx(1 / 3, abs=1e-6),) * 2
    given = ("--data", photos, "--instances", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    single = numbers(report(folder, "photos-instances"), "all", "always")
    assert (single["ciou"], single["giou"]) == (0.25, 0.5)
