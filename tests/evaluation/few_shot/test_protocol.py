"""Three episodes of PASCAL-5i by hand: a model that always finds the first two columns."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.readers.conftest import Disk
from tests.evaluation.few_shot.birds import FirstTwo, named, shown, write

from biprompt.errors import DataError, InputError, PromptError
from biprompt.evaluation.few_shot import EpisodeRun, FewShot, open_study, summarize
from biprompt.evaluation.few_shot.baselines import at_its_place, centred, in_the_middle, resized
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import How, evaluate, measure
from biprompt.prompts import Prompt


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(Disk(tmp_path / "pascal"))


def records(study: FewShot, contender: Contender) -> tuple[list[EpisodeRun], FirstTwo]:
    runs = measure(study, contender, lambda: contender, None)
    assert isinstance(contender.model, FirstTwo)
    return runs, contender.model


def test_examples_are_shown_and_pixels_counted_by_hand(root: Path) -> None:
    study = open_study(root, splits=["fold0"], shots=[2], limit=3)
    runs, model = records(study, shown())
    assert [run.key for run in runs] == [f"2-shot/fold0/{place:04d}" for place in range(3)]
    assert model.looks == ["2007_0", "2007_1", "2007_2"]
    assert all(len(prompt.examples) == 2 and prompt.text is None for prompt in model.prompts)
    (first, *_), (second, *_) = ([e.mask for e in p.examples] for p in model.prompts[:2])
    assert first.tolist() != [[True, True, False, False, False, False]]  # never the query's own
    assert first.sum() == second.sum() == 2
    # both, surplus, missed, neither; the last pixel of the first two is ignored
    counts = [(run.both, run.surplus, run.missed, run.neither) for run in runs]
    assert counts == [(2, 0, 0, 3), (0, 2, 2, 1), (1, 1, 1, 3)]
    found = study.summarize(runs)["shots"]["2"]
    assert found["mean"]["miou"]["value"] == pytest.approx(3 / 9)
    assert found["mean"]["fb_iou"]["value"] == pytest.approx((3 / 9 + 7 / 13) / 2)
    assert found["classes"]["fold0/aeroplane"]["episodes"] == 3


def test_names_are_told_instead(root: Path) -> None:
    study = open_study(root, splits=["fold0"], told="name", limit=2)
    assert (study.shots, study.data.name) == ((0,), "pascal-5i-fold0-name")
    runs, model = records(study, named())
    assert [str(prompt.text) for prompt in model.prompts] == ["aeroplane"] * 2
    assert all(not prompt.examples for prompt in model.prompts)
    assert study.summarize(runs)["refused"] == 1.0  # and counted as if it had not


def test_a_model_that_takes_no_examples_is_told_so(root: Path) -> None:
    study = open_study(root, shots=[1], limit=1)
    with pytest.raises(PromptError, match="`--told name` asks first two by name, got first two"):
        records(study, named())


def episode(fold: str, label: str, image: str, both: int, wrong: int, neither: int) -> EpisodeRun:
    key = f"1-shot/{fold}/{label}{image}"
    return EpisodeRun(key, 1, fold, label, image, both, wrong, 0, neither, False)


def test_classes_weigh_the_same_and_folds_too() -> None:
    runs = [
        episode("fold0", "bus", "a", 4, 0, 6),
        episode("fold0", "bus", "b", 0, 4, 6),
        episode("fold0", "car", "a", 1, 3, 6),
        episode("fold1", "cat", "c", 10, 0, 10),
    ]
    found = summarize(runs, ["fold0", "fold1"], [1])["shots"]["1"]
    assert found["classes"]["fold0/bus"]["iou"]["value"] == 0.5
    assert found["folds"]["fold0"]["miou"]["value"] == pytest.approx((0.5 + 0.25) / 2)
    # 5 of 12 pixels of foreground, 18 of 25 of background, classes put together
    assert found["folds"]["fold0"]["fb_iou"]["value"] == pytest.approx((5 / 12 + 18 / 25) / 2)
    assert found["mean"]["miou"]["value"] == pytest.approx((0.375 + 1) / 2)
    low, high = found["folds"]["fold1"]["miou"]["interval"]
    assert (low, high) == (1.0, 1.0)


def test_of_no_episode() -> None:
    found = summarize([], ["fold0"], [1])
    assert found["episodes"] == 0 and math.isnan(found["shots"]["1"]["mean"]["miou"]["value"])


def test_masks_of_examples_are_pasted() -> None:
    small, corner = np.array([[True, False]]), np.array([[1, 1, 0, 0, 0, 0]], bool)
    assert resized(small, (2, 4)).tolist() == [[True, True, False, False]] * 2
    assert centred(corner).tolist() == [[False, False, True, True, False, False]]
    pixels = np.zeros((1, 6, 3), np.uint8)
    prompt = Prompt.build(
        examples=[(pixels, corner), (pixels, np.roll(corner, 1)), (pixels, ~corner)]
    )
    # columns shown by 1, 2, 2, 1, 1, 1 of three examples
    (mask,) = at_its_place((1, 6), prompt)
    assert mask.tolist() == [[False, True, True, False, False, False]]
    (middle,) = in_the_middle((1, 6), prompt)
    assert middle.tolist() == [[False, False, True, True, False, False]]


def report(folder: Path) -> Any:
    found = json.loads(next(folder.glob("*.json")).read_text())
    found.pop("run")
    return found


def test_processes_and_interruptions_change_nothing(root: Path, tmp_path: Path) -> None:
    study = open_study(root, splits=["fold0", "fold1"], shots=[1], limit=3)
    for out, processes in (("one", 1), ("two", 2)):
        evaluate(study, shown, tmp_path / out, How(processes=processes))
    assert report(tmp_path / "one") == report(tmp_path / "two")
    kept = [sorted((tmp_path / out / ".records").glob("*.jsonl")) for out in ("one", "two")]
    assert [file.read_bytes() for file in kept[0]] == [file.read_bytes() for file in kept[1]]
    whole = kept[0][0].read_bytes()
    kept[0][0].write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))
    evaluate(study, shown, tmp_path / "one", How(force=True))
    assert kept[0][0].read_bytes() == whole


def test_pages(root: Path, tmp_path: Path) -> None:
    every = open_study(root, shots=[1], limit=2)
    text = evaluate(every, shown, tmp_path / "out")[0].read_text()
    assert "survey, Table 7, PASCAL-5i" in text and "told the same" in text
    assert "examples' mask in the middle" in text
    assert text.count("| **first two** |") == 2  # by fold, and among the published rows
    by_name = open_study(root, told="name", limit=2)
    text = evaluate(by_name, named, tmp_path / "out")[0].read_text()
    assert "**No example is shown.**" in text and "survey, Table 9" in text
    assert "no example is shown: told the class name" in text
    assert "would have refused 100.0 % of the episodes" in text
    part = open_study(root, splits=["fold2"], told="name", limit=2)
    text = evaluate(part, named, tmp_path / "out")[0].read_text()
    assert text.count("| **first two** |") == 2  # of Table 9 a fold, of Table 7 nothing


def test_bad_choices(root: Path) -> None:
    with pytest.raises(InputError, match="told: expected examples, name, got words"):
        open_study(root, told="words")
    with pytest.raises(InputError, match="--shots: expected none, as names are told, got 1"):
        open_study(root, told="name", shots=[1])
    with pytest.raises(InputError, match="--shots: expected 1 or more, got 0"):
        open_study(root, shots=[0])
    with pytest.raises(InputError, match="--split: expected each value once"):
        open_study(root, splits=["fold0", "fold0"])
    with pytest.raises(DataError, match="data set: expected one of pascal-5i, coco-20i, fss-1000"):
        open_study(root, "ade20k")
    with pytest.raises(DataError, match="at least 5 other images of aeroplane, got 2"):
        open_study(root, shots=[5])
