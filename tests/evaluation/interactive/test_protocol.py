from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.data.coco import CocoDataset
from biprompt.data.pictures import Picture
from biprompt.data.readers.registry import Kind
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.data.sources import Nothing, Shapes
from biprompt.errors import DataError
from biprompt.evaluation.baselines import DISK, GRABCUT, WHOLE, Painted, disks
from biprompt.evaluation.interactive import Clicking, Interactive
from biprompt.evaluation.model import Contender
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.run import measure
from biprompt.evaluation.samples import open_samples
from biprompt.masks import rle_encode
from biprompt.prompts import Prompt
from biprompt.results import Segmentation

DISKS = Contender("disk", "1", Painted("disk", disks))


def study(dataset: CocoDataset, limit: int | None = None) -> Interactive:
    opened = open_samples(dataset.root, kinds=(Kind.INTERACTIVE,), limit=limit)
    return Interactive(opened.data, opened.samples)


def study_of(*objects: InteractiveObject, clicks: int = 20) -> Interactive:
    samples = SampleSet("few", "", objects)
    return Interactive(DataFacts("few", ""), samples, Clicking(limit=clicks))


def iou_of_eroded(width: int, height: int, pixels: int) -> float:
    return (width - 2 * pixels) * (height - 2 * pixels) / (width * height)


def test_records_of_a_known_model(dataset: CocoDataset, contender: Contender, model: Any) -> None:
    runs = measure(study(dataset), contender, lambda: contender, None)
    assert [(run.key, run.label) for run in runs] == [
        *(("1#1", "cup"), ("1#2", "dog"), ("2#3", "dog"), ("3#4", "cup")),
    ]
    assert model.embedded == ["a.png", "b.png", "c.png"]
    assert runs[0].ious == pytest.approx([iou_of_eroded(20, 24, n) for n in (3, 2, 1)] + [1.0])
    assert runs[0].first_ious == pytest.approx([iou_of_eroded(20, 24, n) for n in (3, 1, 4)])
    assert runs[0].first_scores == [0.5, 0.5, 0.5]
    found = study(dataset).summarize(runs)
    ious = [[iou_of_eroded(*size, n) for n in (3, 2, 1)] for size in
            ((20, 24), (26, 30), (30, 30), (30, 38))]  # fmt: skip
    needed = [next((k for k, iou in enumerate(each, 1) if iou >= 0.8), 4) for each in ious]
    assert found["noc"]["80"]["mean"] == np.mean(needed) and found["noc"]["80"]["failures"] == 0


def test_done_and_limit_leave_work_out(dataset: CocoDataset, contender: Contender) -> None:
    few = study(dataset, limit=3)
    assert few.wanted() == ["1#1", "1#2", "2#3"]
    tasks = few.tasks(done={"1#1", "2#3"})
    assert [[each.key for each in objects] for _, objects in tasks] == [["1#2"]]


def test_jitter_is_the_same_whatever_was_measured_before(dataset: CocoDataset) -> None:
    jittered = replace(study(dataset), clicking=Clicking("jittered", 6, 1))
    runs = measure(jittered, DISKS, lambda: DISKS, None)
    tasks = jittered.tasks(done={"1#1", "2#3"})
    parts = [run for task in reversed(tasks) for run in jittered.measure(DISKS, task)]
    assert sorted(parts, key=lambda run: run.key) == [
        run for run in runs if run.key not in ("1#1", "2#3")
    ]
    other = replace(jittered, clicking=Clicking("jittered", 6, 2))
    centre = replace(jittered, clicking=Clicking("centre", 6))
    records = [measure(each, DISKS, lambda: DISKS, None) for each in (jittered, other, centre)]
    assert records[0] == runs and records[1] != runs and records[2] not in records[:2]


def thing(root: Path, number: int, mask: np.ndarray, **more: Any) -> InteractiveObject:
    path = root / "photo.png"
    Image.new("RGB", mask.shape[::-1], "gray").save(path)
    shape = Shapes(mask.shape, rles=(rle_encode(mask),))
    return InteractiveObject(Picture(path), 1, number, **({"target": shape} | more))


def test_what_cannot_be_clicked_is_left_out_and_counted(tmp_path: Path, tools: Any) -> None:
    mask = tools.rectangle((10, 10, 40, 30))
    band = Shapes(mask.shape, rles=(rle_encode(mask),))
    some = study_of(
        thing(tmp_path, 1, mask),
        thing(tmp_path, 2, mask, target=Nothing(mask.shape)),
        thing(tmp_path, 3, mask, ignore=band),
        clicks=2,
    )
    for contender in (DISKS, *some.baselines()):
        runs = measure(some, contender, lambda who=contender: who, None)
        assert [len(run.ious) for run in runs][1:] == [0, 0] and runs[0].ious
        found = some.summarize(runs)
        assert (found["objects"], found["left_out"]) == (1, 2)


def test_the_ignored_band_counts_nowhere(tmp_path: Path, tools: Any) -> None:
    """The disk has another size than the thing, but every pixel of the difference is ignored."""
    mask = tools.rectangle((10, 10, 40, 40))
    (disk, *_) = disks(mask.shape, Prompt.build(points=[(24, 24)]))
    band = Shapes(mask.shape, rles=(rle_encode(mask ^ disk),))
    (run,) = measure(study_of(thing(tmp_path, 1, mask, ignore=band)), DISKS, lambda: DISKS, None)
    assert list(run.ious) == [1.0]


def test_a_part_of_a_photograph(tmp_path: Path, tools: Any) -> None:
    """As EndoVis frames: what is looked at, timed and shown is the crop, the masks' frame."""
    mask = tools.rectangle((10, 10, 40, 30))
    whole = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(whole).save(tmp_path / "frame.png")
    crop = Picture(tmp_path / "frame.png", (8, 6, 72, 54))
    some = study_of(replace(thing(tmp_path, 1, mask), picture=crop), clicks=2)
    model = Mirrored()
    (run,) = measure(some, Contender("", "", model), load_nothing, None)
    np.testing.assert_array_equal(model.shown[0], whole[6:54, 8:72])
    assert len(run.ious) == 2 and some.timing(DISKS)["timed_objects"] == 1
    (gallery,) = some.gallery(DISKS, [run])
    np.testing.assert_array_equal(gallery.shots[0].answer.image, whole[6:54, 8:72])


def load_nothing() -> Contender:
    raise AssertionError("loaded")


def test_baselines_are_told_what_the_report_says(dataset: CocoDataset) -> None:
    pytest.importorskip("cv2", reason="OpenCV is not installed")
    names = [each.name for each in study(dataset).baselines()]
    assert names == [DISK, WHOLE, GRABCUT]
    *_, grabcut = study(dataset).baselines()
    runs = measure(study(dataset), grabcut, lambda: grabcut, None)
    assert {run.told for run in runs} == {"oracle box"}
    assert all(len(run.ious) == 1 for run in runs)


class Mirrored:
    """A model that remembers what it was shown and asked."""

    def __init__(self) -> None:
        self.shown: list[np.ndarray] = []
        self.prompts: list[Prompt] = []

    def embed(self, image: Any) -> tuple[int, int]:
        self.shown.append(image)
        return image.shape[:2]

    def segment(self, image: Any, *, prompt: Any = None, policy: Any = None) -> Segmentation:
        self.prompts.append(prompt)
        return Painted("", disks).segment(image, prompt=prompt)

    def segment_many(self, image: Any, prompts: Any, *, policy: Any = None) -> Any:
        raise NotImplementedError


def test_timing_looks_anew_and_clicks_on_a_few(dataset: CocoDataset) -> None:
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32] = 200
    for image in dataset.images:
        Image.fromarray(pixels).save(image.path)
    model = Mirrored()
    found = study(dataset).timing(Contender("", "", model))
    assert list(found) == ["look", "first_click", "later_click", "timed_objects"]
    assert found["timed_objects"] == 3 and all(value > 0 for value in found.values())
    assert len(model.shown) == 4 and len(model.prompts) == 4 * 5
    assert all((shown[:, 32:] == 200).all() for shown in model.shown)
    first = model.prompts[5].points  # of the first object that counts, mirrored with its photograph
    assert first is not None and first.xy.tolist() == [[63 - 14, 13]]
    assert study_of().timing(Contender("", "", model)) == {}


def test_gallery_is_asked_once_more(dataset: CocoDataset, contender: Contender, model: Any) -> None:
    some = study(dataset)
    runs = measure(some, contender, lambda: contender, None)
    galleries = some.gallery(contender, runs)
    assert [each.title for each in galleries] == ["Best after 1 click"]  # four objects in all
    ordered = sorted(runs, key=lambda run: -run.ious[0])
    for run, shot in zip(ordered, galleries[0].shots, strict=True):
        assert shot.caption.startswith(f"{run.key} {run.label}: IoU {run.ious[0]:.3f} after 1")
        assert shot.answer.image is not None and shot.truth is not None
        both = shot.answer.mask & shot.truth
        assert both.sum() / (shot.answer.mask | shot.truth).sum() == run.ious[0]
        ((x, y, label),) = shot.points
        assert label == 1 and shot.truth[int(y), int(x)]


def test_an_image_of_another_size_is_an_error(dataset: CocoDataset) -> None:
    Image.new("RGB", (10, 12)).save(dataset.images[0].path)
    with pytest.raises(DataError, match=r"a\.png: image size: expected 48 x 64"):
        measure(study(dataset), DISKS, lambda: DISKS, None)
