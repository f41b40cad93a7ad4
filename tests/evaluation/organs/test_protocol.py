"""Slices of phantoms, asked by a model whose mistakes are known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.evaluation.organs.phantoms import Anatomist, anatomist, write

from biprompt.errors import DataError, InputError
from biprompt.evaluation.organs import Organs, OrgansRun, open_study
from biprompt.evaluation.organs.measuring import most_like
from biprompt.evaluation.run import How, evaluate, measure


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "flare")


def records(study: Organs) -> tuple[list[Any], Anatomist]:
    contender = anatomist()
    runs = measure(study, contender, lambda: contender, None)
    assert isinstance(contender.model, Anatomist)
    return runs, contender.model


def test_every_slice_is_looked_at_once_and_asked_for_every_organ(root: Path) -> None:
    runs, model = records(open_study(root))
    assert [run.key for run in runs] == ["a/0000", "a/0001", "b/0000"]
    assert model.looks == 3 and [len(call) for call in model.calls] == [13, 13, 13]
    first = dict(zip(runs[0].asked, runs[0].pixels, strict=True))
    assert first["liver"] == [20, 20, 20]
    assert first["spleen"] == [0, 0, 10]
    assert first["stomach"] == [0, 2, 0]
    shown = dict(zip(runs[2].asked, runs[2].shown, strict=True))
    assert (shown["liver"], shown["spleen"], shown["stomach"]) == ("liver", "pancreas", "no organ")
    assert runs[0].refused[runs[0].asked.index("aorta")] is True


def test_numbers_by_hand(root: Path) -> None:
    study = open_study(root)
    found = study.summarize(records(study)[0])
    assert (found["slices"], found["volumes"], found["questions"]) == (3, 2, 39)
    assert (found["present"], found["absent"]) == (8, 31)
    organs = found["organs"]
    assert organs["liver"]["dice"]["value"] == 1.0
    assert organs["spleen"]["dice"]["value"] == 0.0
    assert (organs["aorta"]["dice"]["value"], organs["aorta"]["dice_always"]["value"]) == (0.0, 1.0)
    # Liver 1, spleen 0, pancreas 1, aorta 0 or, if it may not refuse, 1.
    assert found["dice"]["value"] == pytest.approx(2 / 4)
    assert found["dice_always"]["value"] == pytest.approx(3 / 4)
    # Absent: a stomach is found three times, and once the pancreas for a spleen.
    assert found["n_acc"]["value"] == pytest.approx(27 / 31)
    # Present: the aorta is refused, and a spleen where there is no pancreas.
    assert found["t_acc"]["value"] == pytest.approx(6 / 8)
    assert found["accuracy"]["value"] == pytest.approx((27 + 5) / 39)
    assert found["refused"]["value"] == pytest.approx((27 + 2) / 39)
    assert organs["spleen"]["dice_every"] == 0.0
    assert organs["stomach"]["dice_every"] == 0.0 and math.isnan(organs["stomach"]["t_acc"])
    assert organs["gallbladder"]["dice_every"] == 1.0
    assert organs["spleen"]["recognised"] == 0.0


def test_confusion_by_hand(root: Path) -> None:
    study = open_study(root)
    confusion = study.summarize(records(study)[0])["confusion"]
    cells = {
        (right, said): count
        for right, row in zip(confusion["names"], confusion["counts"], strict=True)
        for said, count in zip(confusion["names"], row, strict=True)
        if count
    }
    assert cells == {
        ("liver", "liver"): 3,
        ("pancreas", "pancreas"): 2,
        ("spleen", "none"): 1,
        ("spleen", "pancreas"): 1,
        ("aorta", "none"): 1,
        ("none", "none"): 27,
        ("none", "pancreas"): 1,
        ("none", "no organ"): 3,
    }


def test_dice_of_volumes_puts_slices_together(tmp_path: Path) -> None:
    bodies = {"a": [{"spleen": (0, 0, 2, 2), "pancreas": (5, 5, 7, 7)}, {"liver": (0, 0, 3, 3)}]}
    study = open_study(write(tmp_path / "x", bodies), question="stomach, not {organ}")
    high, low = records(study)[0]
    assert high.volume == low.volume == "a"
    numbers = study.summarize(
        [
            OrgansRun("a/0", "a", 0, ["liver"], [(2, 4, 4)], [False], [None], ["liver"], [None]),
            OrgansRun("a/1", "a", 1, ["liver"], [(0, 4, 0)], [False], [None], ["liver"], [None]),
            OrgansRun("b/0", "b", 0, ["liver"], [(0, 9, 0)], [False], [None], ["liver"], [None]),
        ]
    )["organs"]["liver"]
    assert numbers["dice"]["value"] == 0.5  # one slice shows it
    assert numbers["volume_dice"] == pytest.approx(2 * 2 / (8 + 4))  # one volume does
    assert numbers["dice_every"] == pytest.approx((0.5 + 0 + 0) / 3)
    assert numbers["dice"]["interval"] == [0.5, 0.5]  # draws without "a" say nothing


@pytest.mark.parametrize("told", ["click", "box"])
def test_a_place_is_told_of_what_is_there(root: Path, told: str) -> None:
    study = open_study(root, told=told)
    runs, _ = records(study)
    assert [run.asked for run in runs] == [
        ["liver", "spleen", "aorta"],
        ["liver", "pancreas"],
        ["liver", "spleen", "pancreas"],
    ]
    found = study.summarize(runs)
    assert (found["dice"]["value"], found["absent"]) == (1.0, 0)
    assert math.isnan(found["n_acc"]["value"])
    assert study.data.name == f"flare22-train-{told}"


def test_a_question_by_function_may_mean_two_organs_or_none(root: Path) -> None:
    study = open_study(root, question="function")
    (run, *_), _ = records(study)
    assert (run.asked[1], run.asked[-1]) == ("kidneys", "breathing")
    bodies = {"k": [{"right kidney": (0, 0, 2, 2), "left kidney": (5, 0, 8, 2)}]}
    both = open_study(write(root.parent / "both", bodies), question="function")
    (run,), _ = records(both)
    assert run.pixels[1][2] == 10 and run.pixels[-1][2] == 0


def test_slices_are_chosen_and_done_ones_left_out(root: Path) -> None:
    assert open_study(root, every=2).wanted() == ["a/0000", "b/0000"]
    assert open_study(root, pixels=16).wanted() == ["a/0000", "b/0000"]
    assert open_study(root, pixels=17).wanted() == ["a/0000"]
    study = open_study(root, limit=2)
    assert [(v.image_id, set(p)) for v, p in study.tasks({"a/0000"})] == [("a", {1})]


def test_the_likest_organ_goes_by_dice_not_by_pixels() -> None:
    labels = np.zeros((4, 10), np.int16)
    labels[:, :8], labels[0, 8] = 1, 2
    mask = np.zeros((4, 10), np.bool_)
    mask[0, 6:9] = True
    # Two pixels of 32 and one of one: Dice 4 / 35 and 2 / 4.
    assert most_like(mask, labels, ("liver", "aorta")) == "aorta"
    assert most_like(labels == 0, labels, ("liver", "aorta")) == "no organ"


def test_processes_and_interruptions_change_nothing(root: Path, tmp_path: Path) -> None:
    study = open_study(root)
    for out, processes in (("one", 1), ("two", 2)):
        evaluate(study, anatomist, tmp_path / out, How(processes=processes))
    one, two = (
        json.loads(next((tmp_path / out).glob("*.json")).read_text()) for out in ("one", "two")
    )
    for report in (one, two):
        report.pop("run")
    assert one == two
    files = [sorted((tmp_path / out / ".records").glob("*.jsonl")) for out in ("one", "two")]
    assert [f.read_bytes() for f in files[0]] == [f.read_bytes() for f in files[1]]
    first = files[0][0]
    whole = first.read_bytes()
    first.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    evaluate(study, anatomist, tmp_path / "one", How(force=True))
    assert first.read_bytes() == whole


def test_pages_say_what_was_done(root: Path, tmp_path: Path) -> None:
    written = evaluate(open_study(root, question="function"), anatomist, tmp_path / "out")
    text = written[0].read_text()
    assert "they do not tell the kidneys apart" in text
    assert "stores bile produced by the liver" in text
    assert "organ-seg, Table III" in text and "told the same" in text
    html = written[2].read_text()
    assert "an answer where nothing is" not in html  # nothing is found in vain
    assert "median" in html
    boxed = evaluate(open_study(root, told="box"), anatomist, tmp_path / "out")[0].read_text()
    assert "tight box" in boxed and "the whole box" in boxed and "**anatomist**" in boxed


def test_bad_choices(root: Path) -> None:
    with pytest.raises(InputError, match="told: expected question, click, box, got text"):
        open_study(root, told="text")
    with pytest.raises(InputError, match="question: expected none, as a box is told, got name"):
        open_study(root, told="box", question="name")
    with pytest.raises(DataError, match="slices: expected at least one with 999 pixels"):
        open_study(root, pixels=999)
    with pytest.raises(DataError, match="data set: expected one of flare22, got sbd"):
        open_study(root, "sbd")
