"""One record a photograph, whoever answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.data.labels import LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.readers.registry import Kind
from biprompt.data.samples import SemanticSample
from biprompt.errors import DataError, InputError
from biprompt.evaluation.absence import (
    Absence,
    AbsenceRun,
    Labelled,
    checked_template,
    open_photographs,
)
from biprompt.evaluation.absence.baselines import ABSENT, FOUND, always
from biprompt.evaluation.model import Contender
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.run import measure
from biprompt.selection import Policy


def study(dataset: Any, **changes: Any) -> Absence:
    opened = open_photographs(dataset.root)
    return Absence(opened.data, opened.photographs, opened.kind, **changes)


def measured(study: Absence, contender: Contender) -> dict[str, AbsenceRun]:
    return {run.key: run for run in measure(study, contender, lambda: contender, None)}


def test_each_photograph_is_looked_at_once_and_asked_for_everything(
    dataset: Any, contender: Contender, model: Any
) -> None:
    runs = measured(study(dataset), contender)
    assert list(runs) == ["1", "2", "3", "words: invented", "words: neighbours"]
    assert model.embedded == ["a.png", "a.png", "a.png", "b.png", "c.png"]
    run = runs["2"]  # a dog of 30 x 30 pixels
    assert list(run.names) == ["cup", "dog", "zebra"]
    assert list(run.there) == [False, True, False]
    assert list(run.presence) == [0.1, 0.9, 0.1]
    assert list(run.refused) == [True, False, True]
    assert [list(each) for each in run.pixels] == [[0, 0, 0], [900, 900, 900], [0, 0, 0]]
    assert (list(run.refs), run.words) == ([], "")


def test_words_are_asked_once(dataset: Any, contender: Contender) -> None:
    run = measured(study(dataset), contender)["words: invented"]
    unknown = [w for w, known in zip(run.names, run.understood, strict=True) if known is False]
    assert run.words == "invented" and unknown == [w for w in run.names if "q" in w]
    assert all(run.refused) and not any(run.there)


def test_done_photographs_are_left_out(dataset: Any) -> None:
    left = study(dataset).tasks({"1", "words: neighbours"})
    assert [each.key for each in left] == ["words: invented", "2", "3"]


def test_the_verdict_follows_the_policy(dataset: Any, contender: Contender) -> None:
    strict = replace(contender, policy=Policy(presence_threshold=0.95))
    run = measured(study(dataset), strict)["2"]
    assert list(run.refused) == [True, True, True] and list(run.presence) == [0.1, 0.9, 0.1]
    assert study(dataset).settings(strict)["presence_threshold"] == 0.95
    assert study(dataset).settings(strict) != study(dataset).settings(contender)


def test_how_a_name_is_asked(dataset: Any, contender: Contender, model: Any) -> None:
    measured(study(dataset, template="a photo of a {}"), contender)
    asked = {prompt.text.phrase for prompt in model.prompts}
    assert "a photo of a zebra" in asked and "zebra" not in asked
    plain, semantic = study(dataset), replace(study(dataset), kind=Kind.SEMANTIC)
    knows = replace(contender, semantic=True)
    assert plain.asking(knows) == semantic.asking(contender) == "{}"
    assert semantic.asking(knows) == "[semantic] {}"
    assert replace(semantic, template="{}").asking(knows) == "{}"


@pytest.mark.parametrize("template", ["", "thing", "{} or {}"])
def test_a_template_without_a_place(template: str) -> None:
    with pytest.raises(InputError, match=r'text with one "\{\}" for the name'):
        checked_template(template)
    assert checked_template(None) is None and checked_template("a {}") == "a {}"


def test_baselines_say_the_same_of_everything(dataset: Any) -> None:
    found = {each.name: measured(study(dataset), each) for each in always()}
    summaries = {
        name: study(dataset).summarize(list(runs.values())) for name, runs in found.items()
    }
    for name, n_acc, t_acc in ((FOUND, 0.0, 1.0), (ABSENT, 1.0, 0.0)):
        summary = summaries[name]
        assert (summary["n_acc"]["mean"], summary["t_acc"]["mean"]) == (n_acc, t_acc)
        assert summary["mcc"]["mean"] == 0 and summary["thresholds"] == {}
        assert summary["without_score"] == 9
    assert summaries[FOUND]["masks"]["mrr"] == 0 and summaries[ABSENT]["masks"]["mrr"] == 1
    assert summaries[ABSENT]["masks"]["miou"] == 0 < summaries[FOUND]["masks"]["miou"]


def labelled(folder: Path, hw: tuple[int, int]) -> Absence:
    from PIL import Image

    pixels = np.zeros((4, 6), np.uint8)
    pixels[:, 3:], pixels[0] = 1, 255
    Image.fromarray(pixels).save(folder / "labels.png")
    Image.new("RGB", hw[::-1]).save(folder / "photo.png")
    source = LabelMap(folder / "labels.png", {0: 0, 1: 1, 255: -1})
    sample = SemanticSample(
        Picture(folder / "photo.png"), "photo", ("ground", "sky", "car"), source
    )
    return Absence(DataFacts("x", ""), (Labelled(sample),), Kind.SEMANTIC)


def test_pixels_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    found, _ = always()
    run = measured(labelled(tmp_path, (4, 6)), found)["photo"]
    assert [list(each) for each in run.pixels] == [[9, 18, 9], [9, 18, 9], [0, 18, 0]]


def test_a_photograph_of_another_size_is_told(tmp_path: Path) -> None:
    found, _ = always()
    with pytest.raises(DataError, match=r"photo\.png: image size: expected 4 x 6"):
        measured(labelled(tmp_path, (5, 6)), found)
