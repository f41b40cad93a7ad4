from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset, read_coco
from biprompt.data.splits import is_validation
from biprompt.evaluation.absence import (
    INVENTED,
    WORD_LISTS,
    AbsenceRun,
    absence,
    held_out,
    summarize,
    understood_words,
)


@pytest.fixture
def photos(tmp_path: Path, tools: Any) -> CocoDataset:
    boxes = [[("cup", (4, 4, 24, 28))], [("dog", (9, 9, 30, 30)), ("dog", (40, 9, 60, 30))]]
    many = {f"{number}.png": boxes[number % 2] for number in range(60)}
    return read_coco(tools.write_set(tmp_path / "many", many, ["cup", "dog", "zebra"]))


def test_only_held_out_photographs_are_asked(photos: CocoDataset, tools: Any) -> None:
    runs = list(absence(tools.Knowing(photos), photos))
    assert 0 < len(runs) < 30
    assert [run.key for run in runs] == [i.path.name for i in held_out(photos)]
    assert all(is_validation(run.key) for run in runs)
    assert [i.path.name for i in held_out(photos, 2)] == [run.key for run in runs[:2]]


def test_every_name_is_asked(photos: CocoDataset, tools: Any) -> None:
    for run in absence(tools.Knowing(photos), photos, limit=4):
        assert list(run.presence) == ["cup", "dog", "zebra"]
        assert [name for name, score in run.presence.items() if score > 0.5] == list(run.present)
        assert set(run.absent) == set(run.presence) - set(run.present)
        assert list(run.unknown) == []


def test_done_photographs_are_not_looked_at(photos: CocoDataset, tools: Any) -> None:
    model = tools.Knowing(photos)
    done = {image.path.name for image in held_out(photos)[1:]}
    assert len(list(absence(model, photos, done=done))) == len(model.embedded) == 1


def test_which_words_are_understood(photos: CocoDataset, tools: Any) -> None:
    runs = list(understood_words(tools.Knowing(photos), photos))
    assert tuple(run.key for run in runs) == WORD_LISTS
    assert list(runs[0].understood) == ["cup", "dog", "zebra"]
    assert set(runs[2].words) - set(runs[2].understood) == {w for w in INVENTED if "q" in w}
    assert list(understood_words(tools.Knowing(photos), photos, done=set(WORD_LISTS))) == []


def test_a_knowing_model_is_perfect(photos: CocoDataset, tools: Any) -> None:
    model = tools.Knowing(photos)
    found = summarize(list(absence(model, photos)), list(understood_words(model, photos)))
    assert found["auroc"] == {"mean": 1.0, "interval": [1.0, 1.0]}
    assert (found["n_acc"], found["t_acc"], found["auroc_by_name"]) == (1.0, 1.0, 1.0)
    assert found["threshold"] == {"presence": 0.5, "n_acc": 1.0, "t_acc": 1.0}
    assert found["present"] * 2 == found["absent"]
    assert found["understood"]["labels"] == {"asked": 3, "understood": 3, "others": []}


def test_hand_worked_summary() -> None:
    runs = [
        AbsenceRun("a", ["x"], {"x": 0.8, "y": 0.4, "z": None}, ["z"], ["z"]),
        AbsenceRun("b", ["y"], {"x": 0.5, "y": 0.3, "z": 0.1}, ["y", "z"], []),
    ]
    found = summarize(runs)
    assert found["auroc"]["mean"] == 4 / 6  # 0.8 beats three, 0.3 beats one of three
    assert (found["present"], found["absent"], found["without_score"]) == (2, 3, 1)
    assert found["n_acc"] == 2 / 4 and found["t_acc"] == 1 / 2
    assert found["auroc_by_name"] == 0.5  # x is right, y is wrong, z has one class only


def test_nothing_measured_is_not_a_number() -> None:
    found = summarize([])
    assert math.isnan(found["auroc"]["mean"]) and math.isnan(found["n_acc"])
