"""The data set: read back by pycocotools and by our readers, whatever the processes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import InputError, OutputError
from biprompt.io.formats.labelme import parse_labelme
from biprompt.io.formats.yolo import parse_yolo
from biprompt.labeling.corrections import Corrector
from biprompt.labeling.dataset import FORMATS, Job, assemble
from biprompt.labeling.dataset.job import Summary
from biprompt.labeling.journal import Journal
from biprompt.labeling.order import Order
from biprompt.labeling.rules import Rules
from biprompt.labeling.storage import LocalStorage
from biprompt.masks import rle_decode, rle_encode

Label = Callable[..., Summary]
PROMPTS = "cat; unicorn; red dog"


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and "run" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def truth(folder: Path) -> dict[str, list[tuple[str, Any]]]:
    """Labels and masks by image, from the lines of the run."""
    records = [
        json.loads(line)
        for path in sorted((folder / "run" / "shards").iterdir())
        for line in path.read_bytes().splitlines()
    ]
    return {
        record["image"]: [
            (one["label"], rle_decode(one["mask"])) for one in record["objects"] if one["area"]
        ]
        for record in records
    }


@pytest.fixture
def whole(desk: None, label: Label, order: Callable[..., Order], out: Path) -> Path:
    """Six images with two objects each, in every format."""
    summary = label(order(PROMPTS, formats=FORMATS))
    assert (summary.images, summary.failed) == (6, 0)
    return out


def test_coco_as_pycocotools_reads_it(whole: Path) -> None:
    tools = pytest.importorskip("pycocotools.coco", reason="pycocotools is not installed")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = tools.COCO(str(whole / "instances.json"))
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["cat", "unicorn", "red dog"]
    assert len(coco.getImgIds()) == 6 and coco.getAnnIds() == list(range(1, 13))
    expected = truth(whole)
    for image in coco.loadImgs(coco.getImgIds()):
        assert (image["height"], image["width"], image["absent"]) == (32, 48, ["unicorn"])
        found = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        for annotation, (name, mask) in zip(found, expected[image["file_name"]], strict=True):
            assert coco.cats[annotation["category_id"]]["name"] == name
            assert np.array_equal(coco.annToMask(annotation), mask)
            assert annotation["area"] == mask.sum() and annotation["iscrowd"] == 0


def test_coco_says_what_the_selection_card_says(whole: Path) -> None:
    document = json.loads((whole / "instances.json").read_text())
    first = document["annotations"][0]
    assert first["score"] == 0.95 and first["bbox"] == [0, 0, 48, 7]
    assert first["biprompt"] == {
        "model": "fake", "id": "1", "verdict": "found", "presence": 0.9, "similarity": None,
        "margin": None, "winner": {"source": "text", "index": 0}, "reason": "As asked.",
        "prompt": {"text": "cat"},
    }  # fmt: skip


def test_yolo_labelme_and_png_give_the_masks_back(whole: Path, images: Path) -> None:
    classes = (whole / "yolo" / "classes.txt").read_text().splitlines()
    assert classes == ["cat", "unicorn", "red dog"]
    for name, expected in truth(whole).items():
        stem = name.removesuffix(".png")
        yolo = parse_yolo((whole / f"yolo/labels/{stem}.txt").read_bytes(), (32, 48), classes)
        labelme = parse_labelme((whole / f"labelme/{stem}.json").read_bytes())
        for document in (yolo, labelme):
            found = [(thing.label, thing.mask) for thing in document.objects]
            assert [label for label, _ in found] == [label for label, _ in expected]
            assert all(np.array_equal(a[1], b[1]) for a, b in zip(found, expected, strict=True))
        path = os.path.join(whole, "labelme", labelme.file_name)
        assert os.path.samefile(path, images / name)
        for number, (label, mask) in enumerate(expected, start=1):
            word = label.replace(" ", "_")
            png = np.asarray(Image.open(whole / f"png/masks/{stem}-{number}-{word}.png"))
            assert np.array_equal(png == 255, mask)


def test_label_maps_number_objects_and_classes(whole: Path) -> None:
    expected = truth(whole)["000.png"]
    objects = Image.open(whole / "png/objects/000.png")
    classes = Image.open(whole / "png/classes/000.png")
    for number, class_number, (_, mask) in zip((1, 2), (1, 3), expected, strict=True):
        on_top = mask & ~expected[1][1] if number == 1 else mask
        assert np.array_equal(np.asarray(objects) == number, on_top)
        assert np.array_equal(np.asarray(classes) == class_number, on_top)
    assert objects.mode == classes.mode == "P"
    assert json.loads(classes.text["biprompt:labels"]) == ["cat", "unicorn", "red dog"]


def test_a_trainer_finds_its_list_of_classes(whole: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    document = yaml.safe_load((whole / "yolo" / "data.yaml").read_text())
    assert document["names"] == {0: "cat", 1: "unicorn", 2: "red dog"}
    assert document["train"] == "images"


def test_the_review_list_is_sorted_by_doubt(whole: Path) -> None:
    lines = [json.loads(line) for line in (whole / "review.jsonl").read_text().splitlines()]
    assert {(line["label"], line["doubt"]) for line in lines} == {("unicorn", 0.8)}
    assert [line["item"] for line in lines] == list(range(6))
    assert lines[0]["why"] == ["absent, presence 0.40"] and lines[0]["prompt"] == {
        "text": "unicorn"
    }


def test_doubt_goes_from_the_most_to_the_least(
    desk: None, label: Label, order: Callable[..., Order], out: Path
) -> None:
    label(order("cat; unicorn; bird; dog", review=0.1))
    lines = [json.loads(line) for line in (out / "review.jsonl").read_text().splitlines()]
    doubts = [0.8] * 6 + [0.7] * 6 + [0.2] * 12
    assert [line["doubt"] for line in lines] == doubts
    assert [line["label"] for line in lines[10:]] == ["dog"] * 2 + ["cat", "bird"] * 6


def test_the_same_again_writes_nothing(
    whole: Path, label: Label, order: Callable[..., Order]
) -> None:
    before = {name: (whole / name).stat().st_mtime_ns for name in files(whole)}
    assert label(order(PROMPTS, formats=FORMATS)).images == 6
    assert {name: (whole / name).stat().st_mtime_ns for name in files(whole)} == before


def test_another_format_joins_those_that_are_there(
    desk: None, label: Label, order: Callable[..., Order], out: Path
) -> None:
    label(order(PROMPTS))
    assert not (out / "yolo").exists()
    label(order(PROMPTS, formats=("yolo",)))
    assert (out / "yolo" / "labels" / "000.txt").exists() and (out / "instances.json").exists()


def test_other_rules_need_force_and_no_image_is_asked_again(
    whole: Path, label: Label, order: Callable[..., Order], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    other = order(PROMPTS, formats=FORMATS, rules=Rules(overlap="smaller-on-top", min_area=1))
    before = files(whole)
    with pytest.raises(OutputError, match="overlap: expected keep, as the data set there was"):
        label(other, trace=str(trace))
    assert files(whole) == before
    label(other, force=True, trace=str(trace))
    assert not trace.exists()
    # The smaller band covers nothing of the larger one's rest: every pixel has one owner.
    document = json.loads((whole / "instances.json").read_text())
    first = [rle_decode(a["segmentation"]) for a in document["annotations"] if a["image_id"] == 1]
    assert np.sum(first, axis=0).max() == 1


def test_several_processes_write_the_same_files(
    whole: Path, order: Callable[..., Order], work: ModuleType, tmp_path: Path
) -> None:
    job = Job(FORMATS, Rules(overlap="highest"), ("cat",), "counter")
    made = []
    for processes in (1, 2):
        storage = LocalStorage(tmp_path / str(processes))
        journal = Journal(storage, 70)
        for number in range(69, -1, -1):
            journal.add(work.number_line(number, ok=number % 40 != 7))
        summary = assemble(storage, journal, job, processes=processes)
        made.append((summary, files(tmp_path / str(processes))))
    assert made[0] == made[1]
    assert (summary.images, summary.failed, summary.objects["cat"]) == (68, 2, 68)
    failures = [json.loads(line) for line in made[0][1]["failures.jsonl"].splitlines()]
    assert [line["image"] for line in failures] == [f"{n:06d}.png" for n in (7, 47)]


def test_what_people_corrected_is_what_the_data_set_says(
    whole: Path, label: Label, order: Callable[..., Order]
) -> None:
    mask = np.zeros((32, 48), bool)
    mask[3:9, 5:30] = True
    Corrector(whole).add("002.png", [{"label": "zebra", "mask": rle_encode(mask)}])
    Corrector(whole).add("003.png", [])
    summary = label(order(PROMPTS, formats=FORMATS))
    assert summary.verdicts["corrected"] == 1 and summary.objects["zebra"] == 1
    document = json.loads((whole / "instances.json").read_text())
    assert [c["name"] for c in document["categories"]][3:] == ["zebra"]
    by_image = {n: [a for a in document["annotations"] if a["image_id"] == n] for n in range(1, 7)}
    assert [len(found) for found in by_image.values()] == [2, 2, 1, 0, 2, 2]
    assert np.array_equal(rle_decode(by_image[3][0]["segmentation"]), mask)
    assert by_image[3][0]["biprompt"]["verdict"] == "corrected"
    reviewed = {json.loads(x)["image"] for x in (whole / "review.jsonl").read_text().splitlines()}
    assert not reviewed & {"002.png", "003.png"}
    assert (whole / "yolo/labels/003.txt").read_bytes() == b""


def test_a_correction_cut_off_is_dropped_and_a_damaged_one_is_told(whole: Path) -> None:
    from biprompt.labeling.corrections import read_corrections

    corrector, storage = Corrector(whole), LocalStorage(whole)
    corrector.add("000.png", [])
    path = whole / "corrections.jsonl"
    path.write_bytes(path.read_bytes() + b'{"image": "001.png", "obj')
    assert list(read_corrections(storage)) == ["000.png"]
    corrector.add("002.png", [])
    assert list(read_corrections(storage)) == ["000.png", "002.png"]
    path.write_bytes(b"nonsense\n" + path.read_bytes())
    with pytest.raises(InputError, match=r"corrections.jsonl: line 1: expected a correction"):
        read_corrections(storage)
    with pytest.raises(InputError, match="expected at least one pixel"):
        corrector.add("x", [{"label": "cat", "mask": {"size": [2, 2], "counts": [4]}}])


def test_very_many_classes_and_objects_are_left_out_of_the_label_maps_only(
    work: ModuleType, tmp_path: Path
) -> None:
    storage = LocalStorage(tmp_path)
    journal = Journal(storage, 1)
    journal.add(work.number_line(0))
    labels = tuple(f"thing {n}" for n in range(300))
    assemble(storage, journal, Job(("png",), Rules(), (*labels, "cat"), "counter"))
    assert (tmp_path / "png/objects/000000.png").exists()
    assert not (tmp_path / "png/classes/000000.png").exists()


def test_memory_does_not_hang_on_the_number_of_images(
    work: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What waits in a spool waits on the disk from the first byte.
    for module in ("coco", "review"):
        monkeypatch.setattr(f"biprompt.labeling.dataset.{module}._SPOOL_BYTES", 1)
    job = Job(("coco",), Rules(), ("cat",), "counter", review=0.1)

    def peak(count: int) -> int:
        storage = LocalStorage(tmp_path / str(count))
        tracemalloc.start()
        journal = Journal(storage, count, per_shard=20)
        for number in range(count):
            journal.add(work.number_line(number))
        journal.close()
        summary = assemble(storage, Journal(storage, count), job)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert summary.images == summary.doubtful == count
        return found

    small, large = peak(300), peak(900)
    # Kept of an image are its place, its state and its doubt; 200 bytes are what Python's caches
    # make of that. A line alone has 600 bytes, and its values take several times that.
    assert (large - small) / 600 < 300
