from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from biprompt.data.coco import CocoDataset, CocoImage
from biprompt.data.readers.registry import Kind
from biprompt.evaluation.composition import KINDS, Composition, CompositionRun, summarize
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import measure
from biprompt.evaluation.samples import open_samples
from biprompt.metrics import subsets
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy

SCORES = {
    "a": {"click": 0.5, "text": 0.1, "box": 0.8},
    "b": {"click": 0.6, "text": 0.2, "box": 0.8},
}
CARD = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Made up.")


class Drawing:
    """Finds the first so many rows of the object: the more prompts, the more rows."""

    def __init__(self, dataset: CocoDataset) -> None:
        self.images = {image.path: image for image in dataset.images}
        self.embedded: list[str] = []

    def embed(self, image: Any) -> CocoImage:
        self.embedded.append(image.name)
        return self.images[image]

    def segment(self, *_: Any, **__: Any) -> Segmentation:
        raise NotImplementedError

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self._answer(image, prompt) for prompt in prompts]

    def _answer(self, image: CocoImage, prompt: Prompt) -> Segmentation:
        given = [prompt.points, prompt.box, prompt.text, *prompt.scribbles]
        share = sum(value is not None for value in given) / 4
        x, y = (int(v) for v in self._inside(image, prompt))
        truth = next(
            (m for a in image.annotations if (m := a.mask())[y, x]), image.annotations[0].mask()
        )
        rows = np.flatnonzero(truth.any(1))
        mask = truth.copy()
        mask[rows[0] + round(share * len(rows)) :] = False
        return Segmentation(mask, Verdict.FOUND, None, CARD, "drawing")

    def _inside(self, image: CocoImage, prompt: Prompt) -> Any:
        if prompt.points is not None:
            return prompt.points.xy[0]
        if prompt.box is not None:
            return prompt.box.xyxy.reshape(2, 2).mean(0)
        return prompt.scribbles[0].xy[0] if prompt.scribbles else (0, 0)


@pytest.fixture
def drawing(dataset: CocoDataset) -> Drawing:
    return Drawing(dataset)


def study(
    dataset: CocoDataset, kinds: tuple[str, ...] = KINDS, limit: int | None = None
) -> Composition:
    opened = open_samples(dataset.root, kinds=(Kind.INTERACTIVE,), limit=limit)
    return Composition(opened.data, opened.samples, kinds)


def test_each_photograph_is_looked_at_once(dataset: CocoDataset, drawing: Drawing) -> None:
    contender = Contender("drawing", "1", drawing)
    runs = measure(study(dataset), contender, lambda: contender, None)
    assert [run.key for run in runs] == ["1#1", "1#2", "2#3", "3#4"]
    assert drawing.embedded == ["a.png", "b.png", "c.png"]
    for run in runs:
        assert set(run.ious) == set(subsets(KINDS))
        assert run.ious["click+box+text+scribble"] == 1.0
        assert run.ious["click+box"] == pytest.approx(0.5, abs=0.03)


def test_the_pool_is_the_studys_and_has_reports_of_its_own(
    dataset: CocoDataset, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    answer = drawing.segment_many

    def remembering(image: Any, prompts: Any, *, policy: Policy | None = None) -> Any:
        asked.append(policy)
        return answer(image, prompts, policy=policy)

    monkeypatch.setattr(drawing, "segment_many", remembering)
    opened = open_samples(dataset.root, kinds=(Kind.INTERACTIVE,))
    contender = Contender("drawing", "1", drawing, Policy(agree=0.2))
    study = Composition(opened.data, opened.samples, pool="parts")
    measure(study, contender, lambda: contender, None)
    assert set(asked) == {Policy(agree=0.2, pool="parts")}
    assert study.variant == "parts" and Composition(opened.data, opened.samples).variant == ""


def test_done_and_limit_leave_work_out(dataset: CocoDataset, drawing: Drawing) -> None:
    few = study(dataset, ("click", "box"), limit=3)
    tasks = few.tasks(done={"1#1", "2#3"})
    assert [[each.key for each in objects] for _, objects in tasks] == [["1#2"]]
    (run,) = few.measure(Contender("drawing", "1", drawing), tasks[0])
    assert set(run.ious) == {"click", "box", "click+box"}


def summary() -> dict[str, Any]:
    """Two objects: click+text is as good as the click and better, box+text always worse."""
    more = {
        "a": {"click+box": 0.8, "click+text": 0.5, "box+text": 0.7, "click+box+text": 0.9},
        "b": {"click+box": 0.7, "click+text": 0.8, "box+text": 0.6, "click+box+text": 0.8},
    }
    runs = [CompositionRun(key, "cup", SCORES[key] | more[key]) for key in SCORES]
    return summarize([*runs, CompositionRun("c", "cup", {})], ("click", "box", "text"))


def test_summary_by_hand() -> None:
    found = summary()
    assert (found["objects"], found["left_out"]) == (2, 1)
    assert found["iou"]["click"]["mean"] == 0.55
    text = found["sets"]["click+text"]
    assert (text["holds"], text["better"], text["equal"], text["worse"]) == (1, 1, 1, 0)
    assert text["gain"]["mean"] == pytest.approx(0.1)
    worse = found["sets"]["box+text"]
    assert (worse["holds"], worse["worse"], worse["effect"]) == (0, 2, "hurts")
    assert worse["gain"]["mean"] == worse["mean_gain"] == pytest.approx(-0.15)
    assert found["by_size"]["2"]["holds"] == 3 / 6
    assert found["by_size"]["3"]["holds"] == 1
    assert found["every"]["holds"] == 5 / 8 and found["nearly"] == 5 / 8
    assert found["every"]["mean_gain"] == pytest.approx((0 - 0.1 + 0 + 0.2 - 0.1 - 0.2 + 0.1) / 8)


def test_an_effect_is_named_where_the_interval_is_on_one_side() -> None:
    gains = [0.1, 0.2, 0.1, 0.3]
    runs = [
        CompositionRun(str(i), "cup", {"click": 0.5, "box": 0.5, "click+box": 0.5 + gain})
        for i, gain in enumerate(gains)
    ]
    assert summarize(runs, ("click", "box"))["sets"]["click+box"]["effect"] == "helps"
    assert summary()["sets"]["click+box"]["effect"] == "unclear"


def test_of_no_object() -> None:
    found = summarize([], ("click", "box"))
    assert found["objects"] == 0 and found["sets"] == {} and np.isnan(found["every"]["holds"])
