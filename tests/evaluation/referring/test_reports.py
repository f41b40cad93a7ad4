"""A whole run: stopped and resumed, alone and shared, always the same bytes; and what it says."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.errors import DataError, InputError
from biprompt.evaluation.baselines import Painted
from biprompt.evaluation.model import Contender
from biprompt.evaluation.referring import Reading, open_study
from biprompt.evaluation.referring.baselines import ellipse
from biprompt.evaluation.run import THIS_PROCESS, How, evaluate
from biprompt.evaluation.runs import RECORDS

LOAD = partial(Contender, "model", "1", Painted("model", ellipse))


def refer(root: Path, out: Path, how: How = THIS_PROCESS, **options: Any) -> tuple[Path, ...]:
    return evaluate(open_study(root, **options), LOAD, out, how)


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def measured(out: Path) -> dict[str, Any]:
    (path,) = out.glob("*.json")
    return {key: value for key, value in json.loads(path.read_text()).items() if key != "run"}


def test_stopped_and_resumed_gives_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    refer(dataset.root, tmp_path / "whole")
    stops = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal stops
        stops += 1
        if stops % 5 == 0:
            raise KeyboardInterrupt

    for _ in range(20):
        try:
            refer(dataset.root, tmp_path / "parts", How(progress=stop))
            break
        except KeyboardInterrupt:
            assert not list((tmp_path / "parts").glob("*.md"))
    assert stops > 10
    assert records(tmp_path / "parts") == records(tmp_path / "whole")
    assert measured(tmp_path / "parts") == measured(tmp_path / "whole")


def test_processes_give_the_same_bytes(dataset: CocoDataset, tmp_path: Path) -> None:
    refer(dataset.root, tmp_path / "one")
    refer(dataset.root, tmp_path / "two", How(processes=2))
    assert records(tmp_path / "two") == records(tmp_path / "one")
    assert measured(tmp_path / "two") == measured(tmp_path / "one")


def test_a_trial_does_not_cut_a_target(dataset: CocoDataset, tmp_path: Path, tools: Any) -> None:
    """Two dogs in one photograph are one question, however few are asked."""
    boxes = [("dog", (0, 0, 8, 8)), ("cup", (20, 20, 30, 30)), ("dog", (40, 0, 44, 8))]
    root = tools.write_set(tmp_path / "dogs", {"a.png": boxes}, ["cup", "dog"])
    (question,) = open_study(root, limit=1).questions
    assert question.sentence == "dog" and question.target.decode().sum() == 64 + 32


def test_names_of_the_reports(dataset: CocoDataset) -> None:
    root = dataset.root
    assert open_study(root).data.name == "photos"
    instances = open_study(root, instances=True)
    assert (instances.data.name, instances.reading) == ("photos-instances", Reading.THINGS)
    every = open_study(root, every_class=True)
    assert every.data.name == "photos-every-class"
    labels = {question.sentence for question in every.questions}
    assert labels == {"cup", "dog"} and len(every.questions) == 6, "no photograph shows a zebra"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dataset": "flare22"}, "data set: expected one of refcoco, .*, got flare22"),
        ({"dataset": "fss-1000"}, "data set: expected one of refcoco, .*, got fss-1000"),
        ({"dataset": "refcoco", "instances": True}, "--instances: expected data of single labe"),
        ({"dataset": "refcoco", "every_class": True}, "--every-class: .*, got referring data"),
        ({"instances": True, "every_class": True}, "--every-class: .*, got single things"),
        ({"splits": ["all", "all"]}, "--split: expected names of splits, each once, got all,all"),
        ({"splits": [""]}, "--split: expected names of splits, each once"),
    ],
)
def test_wrong_options(dataset: CocoDataset, options: dict[str, Any], message: str) -> None:
    with pytest.raises((DataError, InputError), match=message):
        open_study(dataset.root, **options)


def test_a_set_without_names(dataset: CocoDataset, tmp_path: Path) -> None:
    path = dataset.root / "instances.json"
    document = json.loads(path.read_text())
    for each in document["categories"]:
        each["name"] = "object"
    path.write_text(json.dumps(document))
    assert {question.sentence for question in open_study(dataset.root).questions} == {"object"}


def test_the_page(dataset: CocoDataset, tmp_path: Path) -> None:
    page, _, html = refer(dataset.root, tmp_path / "out")
    text = page.read_text()
    assert text.startswith("# Referring segmentation: `model` on photos\n")
    assert "by its plain name, as the model does not know the prefix `[semantic]`" in text
    assert "| **model** | 4 |" in text and "| ellipse in the middle | 4 |" in text
    assert "The model refuses none of the questions." in text
    assert "N-acc" not in text and "a trial" not in text
    assert "No published table that is kept here was measured on this set" in text
    assert "| dog | 2 |" in text and "| cup | 2 |" in text
    assert "By how many" not in text, "each photograph shows one of a kind"
    assert "<html" in html.read_text()


def test_the_page_where_refusals_count(dataset: CocoDataset, tmp_path: Path) -> None:
    page, *_ = refer(dataset.root, tmp_path / "out", every_class=True)
    text = page.read_text()
    assert "| always refuses | 6 | 0.0" in text
    assert "N-acc is the share refused" in text and "| N-acc | T-acc |" in text
