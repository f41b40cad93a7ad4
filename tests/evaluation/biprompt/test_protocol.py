"""The study as a whole: records, resuming, processes, joining."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from biprompt.errors import DataError, InputError
from biprompt.evaluation.biprompt import Asking, BiPrompt
from biprompt.evaluation.biprompt.opening import open_study, read_templates
from biprompt.evaluation.biprompt.rows import MAIN, weights_row
from biprompt.evaluation.run import How, evaluate, measure
from biprompt.evaluation.runs import RECORDS

ASKING = Asking(("centre", "random"), ("{}", "flimbrot"), 0.5)
PHOTOS = {
    "a.png": [("cup", (5, 5, 25, 25)), ("cup", (40, 10, 70, 40)), ("dog", (28, 30, 38, 50))],
    "b.png": [("dog", (10, 10, 40, 40))],
    "c.png": [("cup", (20, 6, 50, 44))],
}


@pytest.fixture
def photos(see: Any, tmp_path: Path) -> Path:
    root: Path = see.folder(tmp_path / "photos", PHOTOS)
    return root


def study(root: Path, *, by_class: bool = False, limit: int | None = None) -> BiPrompt:
    return open_study(root, asking=ASKING, by_class=by_class, limit=limit)


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def results(out: Path) -> Any:
    return json.loads((out / "biprompt-photos.json").read_text())["results"]


def test_a_record_for_every_object_and_every_name(see: Any, photos: Path) -> None:
    runs = measure(study(photos, by_class=True), see.load_seeing(), see.load_seeing, None)
    found = {run.key: run for run in runs}
    assert sorted(found) == sorted(
        ["1#1", "1#2", "1#3", "2#4", "3#5", "1 cup", "1 dog", "2 dog", "3 cup"]
    )
    cups = found["1 cup"]
    assert (cups.joined, cups.truth, cups.picked, cups.winner) == (2, 400 + 900, {}, None)
    text, own = cups.overlap(MAIN, "text"), cups.overlap(MAIN, "click_own")
    assert text and own and text.iou == 1.0
    assert own.iou == (18 * 18 + 28 * 28) / 1300
    alone = found["1#1"].overlap(MAIN, "text")
    assert alone and alone.iou == 400 / 1300
    assert weights_row("paper") in found["1#1"].counts and weights_row("paper") not in cups.counts


def test_each_photograph_is_looked_at_once(see: Any, photos: Path) -> None:
    looked: list[str] = []

    class Counting(see.Seeing):  # type: ignore[misc]
        def embed(self, image: Any) -> Any:
            looked.append(image.name)
            return super().embed(image)

    contender = see.load_seeing()
    counting = type(contender)("counting", "1", Counting())
    measure(study(photos, by_class=True, limit=4), counting, lambda: counting, None)
    assert looked == ["a.png", "b.png"]


@pytest.mark.parametrize("by_class", [False, True])
def test_stopped_and_resumed_gives_the_same_bytes(
    see: Any, photos: Path, tmp_path: Path, by_class: bool
) -> None:
    evaluate(study(photos, by_class=by_class), see.load_seeing, tmp_path / "whole")
    stops = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal stops
        stops += 1
        if stops % 5 == 0:  # two contenders that are finished say so each time
            raise KeyboardInterrupt

    for _ in range(30):
        with suppress(KeyboardInterrupt):
            how = How(progress=stop)
            evaluate(study(photos, by_class=by_class), see.load_seeing, tmp_path / "parts", how)
            break
    assert stops > 15
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert results(tmp_path / "parts") == results(tmp_path / "whole")


def test_processes_give_the_same_bytes(see: Any, photos: Path, tmp_path: Path) -> None:
    evaluate(study(photos, by_class=True), see.load_seeing, tmp_path / "one")
    evaluate(study(photos, by_class=True), see.load_seeing, tmp_path / "two", How(processes=2))
    assert records(tmp_path / "two") == records(tmp_path / "one")
    assert results(tmp_path / "two") == results(tmp_path / "one")


def test_settings_begin_the_records_anew(see: Any, photos: Path) -> None:
    contender = see.load_seeing()
    settings = [
        BiPrompt(one.data, one.samples, Asking(seed=seed), "x", by_class).settings(contender)
        for one in [study(photos)]
        for seed in (0, 1)
        for by_class in (False, True)
    ]
    assert len({json.dumps(each, sort_keys=True) for each in settings}) == 4


def test_the_gallery_shows_gain_loss_and_middle(see: Any, photos: Path) -> None:
    one, contender = study(photos), see.load_seeing()
    runs = measure(one, contender, see.load_seeing, None)
    best, median = one.gallery(contender, runs)
    assert best.title.startswith("Largest gain of the gate") and len(best.shots) == 8
    alone, both = best.shots[:2]
    assert "1#3, click: IoU 0.720, found" in alone.caption  # 8 x 18 of 10 x 20 pixels
    assert "1#3, click + “dog”: IoU 1.000, found" in both.caption
    assert (
        alone.points == both.points and alone.truth is not None and alone.answer.image is not None
    )
    assert "1#1, click + “cup”: IoU 0.308" in median.shots[1].caption  # nothing is left for worst


@pytest.mark.parametrize(
    ("dataset", "by_class", "error", "message"),
    [
        ("ade20k", None, DataError, "data set: expected one of .*endovis17-objects.*, got ade20k"),
        ("refcoco", True, InputError, "by class: expected data of named objects, got refcoco"),
    ],
)
def test_data_that_do_not_fit(
    photos: Path, dataset: str, by_class: bool | None, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        open_study(photos, dataset, by_class=by_class)


def test_templates_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    with pytest.raises(DataError, match=r"words\.txt: templates: expected a text file"):
        read_templates(file)
    file.write_text("\n \n")
    with pytest.raises(DataError, match=r"words\.txt: templates: expected one a line"):
        read_templates(file)
    file.write_text("{}\n\n a {}, please \n")
    assert read_templates(file) == ("{}", "a {}, please")
