"""`biprompt evaluate referring` on sentences, from official layouts to reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.evaluate_referring.layouts import (
    HW,
    Halving,
    instances,
    numbers,
    polygon,
    reference,
    report,
)
from tests.data.readers.conftest import Disk

Run = Callable[..., Any]


def test_several_splits_of_refcoco(run: Run, refer: Disk, folder: Path, model: Halving) -> None:
    given = ("--data", refer.root, "--dataset", "refcoco", "--split", "val, testA,testB")
    done = run("evaluate", "referring", *given, "--out", "results")
    assert (done.status, "error" in done.err) == (0, False)
    name = "refcoco-val-testA-testB"
    assert done.out.split() == [
        f"results/referring-{name}.{kind}" for kind in ("md", "json", "html")
    ]
    assert {"left cup", "the cup", "cup", "mug"} == set(model.heard), "and no prefix"
    found = report(folder, name)
    splits = found["results"]["halving"]["splits"]
    assert [each["questions"] for each in splits.values()] == [2, 1, 1]
    for split in ("val", "testA", "testB"):
        always = numbers(found, split, "always")
        assert (always["ciou"], always["giou"], always["p50"], always["p60"]) == (0.5, 0.5, 1, 0)
    page = (folder / f"results/referring-{name}.md").read_text()
    assert "| **halving** | testB | 1 | 50.0" in page and "| whole image | val | 2 |" in page
    beside = next(line for line in page.splitlines() if line.startswith("| EVF-SAM (multitask)"))
    ours = next(line for line in page.splitlines() if line.startswith("| **halving** | 50.0"))
    assert "82.4" in beside and "told the same" in beside
    assert ours.startswith("| **halving** | 50.0 | 50.0 | 50.0 | - | - |") and "ours" in ours
    oracle = next(line for line in page.splitlines() if line.startswith("| BiPrompt-SAM"))
    assert "told more" in oracle
    again = run("evaluate", "referring", *given, "--out", "results")
    assert again.status == 2 and "an existing file" in again.err
    trial = run("evaluate", "referring", *given, "--out", "results", "--force", "--limit", 1)
    assert trial.status == 0
    assert report(folder, name)["results"]["halving"]["questions"] == 3, "one of each split"


def test_sentences_that_mean_nothing(run: Run, refer: Disk, folder: Path) -> None:
    refs = [
        reference(1, "val", "cup", "(unicorn)", "(dog)"),
        reference(2, "val", "red unicorn"),
    ]
    refer.pickle("rrefcoco/refs(unc).p", refs)
    refer.json("rrefcoco/instances.json", instances(1, 2))
    given = ("--data", refer.root, "--dataset", "r-refcoco", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    found = report(folder, "r-refcoco-val")
    each = found["results"]["halving"]["splits"]["val"]
    assert (each["questions"], each["no_target"]) == (4, 2)
    assert (each["n_acc"]["value"], each["t_acc"]["value"]) == (0.5, 0.5)
    refusing, always = (numbers(found, "val", part) for part in ("refusing", "always"))
    assert refusing["ciou"] == pytest.approx(50 / (100 + 100 + 50), abs=1e-6)
    assert refusing["giou"] == (0.5 + 0 + 1 + 0) / 4
    assert refusing["miou"] == refusing["p50"] / 2 == 0.25
    assert always["giou"] == (0.5 + 0.5) / 4
    robust = each["robust"]
    assert (robust["mrr"], robust["miou"]) == (0.5, 0.25)
    assert robust["riou"] == pytest.approx((50 / 150 + 0) / 2, abs=1e-6)
    page = (folder / "results/referring-r-refcoco-val.md").read_text()
    assert "| always refuses | 4 |" in page and "rIoU" in page


def test_grefcoco(run: Run, refer: Disk, folder: Path) -> None:
    document = instances(1, 2)
    second = {"id": 99, "image_id": 1, "category_id": 1, "segmentation": [polygon(20, 0, 30, 10)]}
    document["annotations"].append(second)
    refs = [
        reference(1, "val", "both", ann_id=[11, 99]),
        reference(2, "val", "unicorn", ann_id=[-1]),
    ]
    refer.json("grefcoco/grefs(unc).json", refs)
    refer.json("grefcoco/instances.json", document)
    given = ("--data", refer.root, "--dataset", "grefcoco", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    found = report(folder, "grefcoco-val")
    refusing = numbers(found, "val", "refusing")
    assert (refusing["ciou"], refusing["giou"], refusing["miou"]) == (0.25, 0.625, 0.25)
    each = found["results"]["halving"]["splits"]["val"]
    assert (each["n_acc"]["value"], each["t_acc"]["value"]) == (1, 1)


def test_phrasecut(run: Run, disk: Disk, folder: Path) -> None:
    disk.photo("images/61.jpg", HW)
    disk.json("image_data_split3000.json", [{"image_id": 61, "height": HW[0], "width": HW[1]}])
    corners = [[2, 2], [11, 2], [11, 11], [2, 11]]  # Pillow fills its last corner as well
    task = {"task_id": "61__1", "image_id": 61, "phrase": "cup", "Polygons": [[corners]]}
    disk.json("refer_test.json", [task])
    given = ("--data", disk.root, "--dataset", "phrasecut", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    assert numbers(report(folder, "phrasecut-test"), "test", "always")["ciou"] == 0.5


def test_reasonseg_ignores_what_it_says(run: Run, disk: Disk, folder: Path) -> None:
    """The right half of the cup is to be ignored, so that the left half is all of it."""
    disk.photo("ReasonSeg/val/1.jpg", HW)
    shapes = [
        {"label": "target", "points": [[2, 2], [11, 2], [11, 11], [2, 11]]},
        {"label": "ignore", "points": [[7, 2], [11, 2], [11, 11], [7, 11]]},
    ]
    document = {
        "text": ["what is for drinking", "a unicorn"],
        "is_sentence": True,
        "shapes": shapes,
    }
    disk.json("ReasonSeg/val/1.json", document)
    given = ("--data", disk.root, "--dataset", "reasonseg", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    found = report(folder, "reasonseg-val")
    assert numbers(found, "val", "always")["giou"] == 1, "refusals do not count"
    assert numbers(found, "val", "refusing")["giou"] == 0.5
    page = (folder / "results/referring-reasonseg-val.md").read_text()
    assert "| **halving** | 100.0 | 100.0 | - | - | text | ours |" in page
