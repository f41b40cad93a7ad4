"""`biprompt evaluate referring`, from official layouts to reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.data.readers.conftest import Disk

from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.masks import rle_encode
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.selection import Policy, select

Run = Callable[..., Any]
HW = (20, 30)
BOX = (2, 2, 12, 12)
"""x0, y0, x1, y1 of the cup: 100 pixels."""


def rectangle(x0: int, y0: int, x1: int, y1: int, hw: tuple[int, int] = HW) -> np.ndarray:
    mask = np.zeros(hw, np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


class Halving:
    """Outlines the left half of the cup whatever it is asked; "unicorn" it does not see."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def embed(self, image: Any) -> tuple[int, int]:
        return load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and prompt.text is not None
        self.heard.append(prompt.text.phrase)
        mask = rectangle(2, 2, 7, 12, image)
        presence = 0.1 if "unicorn" in prompt.text.phrase else 0.9
        choice = select(mask[None], [1], ["text"], text_mask=mask, presence=presence, policy=policy)
        candidate = Candidate("text", 0, 1.0, None, mask)
        card = SelectionCard(
            (candidate,), mask, choice.winner, None, None, "iou", "similarity", "paper", "Half."
        )
        return Segmentation(choice.mask, choice.verdict, presence, card, "halving")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Halving:
    halving = Halving()
    contender = Contender("halving", "1", halving, semantic=True)
    monkeypatch.setattr("biprompt.evaluation.model.load_contender", lambda *names: contender)
    return halving


@pytest.fixture(autouse=True)
def always(model: Halving) -> None:
    """No test of this file loads a true model."""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "data")


def polygon(x0: int, y0: int, x1: int, y1: int) -> list[int]:
    return [x0, y0, x1, y0, x1, y1, x0, y1]


def instances(*numbers: int) -> dict[str, Any]:
    images = [{"id": n, "file_name": f"{n}.jpg", "height": HW[0], "width": HW[1]} for n in numbers]
    annotations = [
        {"id": 10 + n, "image_id": n, "category_id": 1, "segmentation": [polygon(*BOX)]}
        for n in numbers
    ]
    categories = [{"id": 1, "name": "cup"}]
    return {"images": images, "annotations": annotations, "categories": categories}


def reference(number: int, split: str, *sentences: str | None, **more: Any) -> dict[str, Any]:
    """A reference of image `number`; a sentence in brackets means nothing."""
    said = [
        {"sent_id": i, "sent": str(s).strip("()"), "exist": not str(s).startswith("(")}
        for i, s in enumerate(sentences)
    ]
    common = {"ref_id": number, "image_id": number, "ann_id": 10 + number, "split": split}
    return common | {"sentences": said} | more


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


def report(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"results/referring-{name}.json").read_text())
    return found


def numbers(found: dict[str, Any], split: str, part: str) -> dict[str, float]:
    masks = next(iter(found["results"].values()))["splits"][split][part]
    return {name: each["value"] for name, each in masks.items()}


def test_several_splits_of_refcoco(run: Run, refer: Disk, folder: Path, model: Halving) -> None:
    given = ("--data", refer.root, "--dataset", "refcoco", "--split", "val, testA,testB")
    done = run("evaluate", "referring", *given, "--out", "results")
    assert (done.status, done.err) == (0, "")
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


def test_a_folder_by_label_and_by_thing(run: Run, photos: Path, folder: Path) -> None:
    assert run("evaluate", "referring", "--data", photos, "--out", "results").status == 0
    together = numbers(report(folder, "photos"), "all", "always")
    assert (together["ciou"], together["giou"]) == (pytest.approx(1 / 3, abs=1e-6),) * 2
    given = ("--data", photos, "--instances", "--out", "results")
    assert run("evaluate", "referring", *given).status == 0
    single = numbers(report(folder, "photos-instances"), "all", "always")
    assert (single["ciou"], single["giou"]) == (0.25, 0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "flare22"], "data set: expected one of refcoco, refcoco-google, "),
        (["--dataset", "nod"], "data set: expected refcoco"),
        (["--dataset", "refcoco"], "refcoco/refs(unc).p: file: expected it to be there (see: bipr"),
        (["--dataset", "ade20k"], "images/validation: folder: expected it to be there"),
        (["--split", "test"], "split of coco-folder: expected all, got test"),
        (["--split", "all,all"], "--split: expected names of splits, each once, got all,all"),
        (["--dataset", "refcoco", "--instances"], "--instances: expected data of single labelled"),
        (["--instances", "--every-class"], "--every-class: expected data of classes"),
        (["--processes", "0"], "--processes"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_bad_input_is_one_line(
    run: Run, photos: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "referring", "--data", photos, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()


def test_a_missing_split_of_several(run: Run, refer: Disk, folder: Path) -> None:
    given = ("--data", refer.root, "--dataset", "refcoco", "--split", "val,testC")
    done = run("evaluate", "referring", *given)
    assert done.status == 2 and "expected testA, testB, val, got testC" in done.err


def test_help_has_examples(run: Run) -> None:
    done = run("evaluate", "referring", "--help")
    assert done.status == 0 and "--split val,testA,testB --model evf-sam" in done.out
