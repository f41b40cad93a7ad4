"""Words become boxes and boxes masks: which box, in which frame, with what else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from biprompt.errors import ModelError
from biprompt.experts.words import TokenReader
from biprompt.geometry import ModelFrame, fit_longest, masks_in_frame
from biprompt.results import Verdict
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.hub.words import BoxedRuntime
from biprompt.runtime.hub.words.boxed import presence
from biprompt.runtime.hub.words.detections import Detections
from biprompt.segmenter import Segmenter

HW = (100, 160)
CANVAS = (64, 64)
"""The image lies on 40 x 64 pixels of it."""


class Painter:
    """What is pointed with: fills the box it is given, or a square around the first click."""

    def __init__(self, points: bool = True) -> None:
        self.facts = RuntimeFacts("painter", "7", points=points, words=False)
        self.calls: list[SpatialBatch] = []

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        return ModelFrame(hw, fit_longest(hw, 64), CANVAS)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        return [{"look": np.full((1, 1, 2, 2), image.mean(), np.float32)} for image in images]

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        raise AssertionError("words are not for it")

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        assert set(image.features) == {"look"} and image.model == "painter" and text is None
        self.calls.append(spatial)
        y, x = (np.mgrid[:16, :16] + 0.5) * 4
        logits = np.full((len(spatial), 4, 16, 16), -5, np.float32)
        for row, has_box in enumerate(spatial.has_box):
            x0, y0, x1, y1 = spatial.box[row]
            if not has_box:
                x0, y0, x1, y1 = [c + d for d in (-6, 6) for c in spatial.xy[row, 0]]
            logits[row, :, (x > x0) & (x < x1) & (y > y0) & (y < y1)] = 5
            logits[row, 1:] -= 1
        iou = np.tile(np.array([0.5, 0.6, 0.7, 0.8], np.float32), (len(spatial), 1))
        return Decoded(logits, iou)

    def dense(self, image: ImageEmbedding) -> Float:
        return image.features["look"][0]


class Finder:
    """Reads no image: each phrase has boxes of its own."""

    name, version, threshold = "finder", "3", 0.35

    def __init__(self, found: Mapping[str, Sequence[tuple[Sequence[float], float]]]) -> None:
        self._found = found

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        return [{"cells": np.zeros((1, 1, 1, 1), np.float32)} for _ in images]

    def detect(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> list[Detections]:
        assert set(image.features) == {"cells"}
        return [self._of(self._found[phrase.text]) for phrase in phrases]

    def _of(self, rows: Sequence[tuple[Sequence[float], float]]) -> Detections:
        boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
        return Detections(boxes, np.array([score for _, score in rows], np.float32))


class Letters:
    def encode(self, text: str) -> NDArray[np.int64]:
        return np.array([ord(c) for c in text], np.int64)


LEFT, RIGHT, FAINT = (10, 10, 60, 70), (90, 20, 140, 80), (70, 85, 90, 99)
FOUND = {
    "cup": [(LEFT, 0.8), (RIGHT, 0.6), (FAINT, 0.1)],
    "cups": [(LEFT, 0.8), (RIGHT, 0.6), (FAINT, 0.1)],
    "dog": [(RIGHT, 0.2)],
    "dogs": [(RIGHT, 0.2), (FAINT, 0.1)],
    "nothing": [],
}


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def model(painter: Painter) -> Segmenter:
    return Segmenter(BoxedRuntime(painter, Finder(FOUND)), TokenReader(Letters()))


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.zeros((*HW, 3), np.uint8)


def fills(mask: NDArray[np.bool_], *boxes: Sequence[int]) -> bool:
    """Whether a mask is these boxes, up to a cell of the decoder (10 pixels here)."""
    sure, possible = np.zeros(HW, bool), np.zeros(HW, bool)
    for x0, y0, x1, y1 in boxes:
        sure[y0 + 10 : y1 - 10, x0 + 10 : x1 - 10] = True
        possible[max(0, y0 - 10) : y1 + 10, max(0, x0 - 10) : x1 + 10] = True
    return bool((mask[sure]).all() and not mask[~possible].any() and sure.any())


def test_one_thing_is_its_best_box(model: Segmenter, image: NDArray[np.uint8]) -> None:
    answer = model.segment(image, text="cup")
    assert answer.verdict is Verdict.FOUND and fills(answer.mask, LEFT)
    assert answer.card.candidates[0].score == pytest.approx(0.5)


def test_several_things_are_united(model: Segmenter, image: NDArray[np.uint8]) -> None:
    assert fills(model.segment(image, text="cups").mask, LEFT, RIGHT)


def test_presence_is_a_half_at_the_threshold(model: Segmenter, image: NDArray[np.uint8]) -> None:
    assert presence(np.array([0.35], np.float32), 0.35)[0] == pytest.approx(0, abs=1e-6)
    assert presence(np.array([0.8], np.float32), 0.5)[0] == pytest.approx(np.log(4), abs=1e-5)
    found, faint = (model.segment(image, text=text).presence for text in ("cup", "dog"))
    assert found is not None and faint is not None and faint < 0.5 < found


@pytest.mark.parametrize("text", ["dog", "dogs", "nothing"])
def test_what_scores_too_little_is_absent(
    model: Segmenter, image: NDArray[np.uint8], text: str
) -> None:
    answer = model.segment(image, text=text)
    assert answer.verdict is Verdict.ABSENT and not answer.mask.any()


def test_a_click_chooses_among_the_boxes(
    model: Segmenter, painter: Painter, image: NDArray[np.uint8]
) -> None:
    answer = model.segment(image, points=[(115, 50)], text="cup", policy=_wide())
    joint = [one for one in answer.card.candidates if one.source == "joint"]
    assert joint and all(fills(one.mask, RIGHT) for one in joint)


def test_a_click_outside_every_box_stays_alone(
    model: Segmenter, painter: Painter, image: NDArray[np.uint8]
) -> None:
    model.segment(image, points=[(150, 95)], text="cup", policy=_wide())
    given = [bool(has) for call in painter.calls for has in call.has_box]
    assert given.count(True) == 1  # of the words alone


def test_a_box_that_is_drawn_is_not_replaced(
    model: Segmenter, painter: Painter, image: NDArray[np.uint8]
) -> None:
    answer = model.segment(image, box=RIGHT, text="cup", policy=_wide())
    joint = [one for one in answer.card.candidates if one.source == "joint"]
    assert joint and all(fills(one.mask, RIGHT) for one in joint)


def test_without_words_it_is_what_is_pointed_with(
    model: Segmenter, image: NDArray[np.uint8]
) -> None:
    assert fills(model.segment(image, box=RIGHT).mask, RIGHT)
    assert not model.segment(image, points=[(30, 30)]).mask[:, 100:].any()


def test_many_boxes_go_in_turns(painter: Painter, image: NDArray[np.uint8]) -> None:
    rows = [((x, y, x + 7, y + 9), 0.9) for x in range(0, 150, 10) for y in (0, 20, 40)]
    model = Segmenter(BoxedRuntime(painter, Finder({"cups": rows})), TokenReader(Letters()))
    model.segment(image, text="cups")
    assert [len(call) for call in painter.calls] == [16, 16, 13]


def test_many_phrases_share_the_calls(
    model: Segmenter, painter: Painter, image: NDArray[np.uint8]
) -> None:
    from biprompt.prompts import Prompt

    prompts = [Prompt.build(text=text) for text in ("cup", "cups", "dog", "nothing")]
    answers = model.segment_many(image, prompts)
    assert fills(answers[0].mask, LEFT) and fills(answers[1].mask, LEFT, RIGHT)
    assert [len(call) for call in painter.calls] == [4]


def test_instances_are_the_good_boxes(model: Segmenter, image: NDArray[np.uint8]) -> None:
    runtime, look = model.runtime, model.embed(image)
    assert isinstance(runtime, BoxedRuntime) and runtime.facts.instances
    found = runtime.instances(look, model.reader.read("cup"))
    masks = masks_in_frame(np.asarray(found.logits)[:, 0], look.frame)
    assert len(masks) == 2 and fills(masks[0], LEFT) and fills(masks[1], RIGHT)
    np.testing.assert_allclose(found.iou, [[0.8], [0.6]])
    assert len(runtime.instances(look, model.reader.read("dog")).logits) == 0


def test_facts_and_features_of_both(painter: Painter, image: NDArray[np.uint8]) -> None:
    runtime = BoxedRuntime(painter, Finder(FOUND))
    facts = runtime.facts
    assert (facts.model, facts.version) == ("painter+finder", "7-3")
    assert facts.words and facts.points and facts.semantic and facts.joint
    (features,) = runtime.encode([image])
    assert set(features) == {"look", "words.cells"}
    assert runtime.frame(HW) == painter.frame(HW)


def test_what_takes_no_box_cannot_help() -> None:
    with pytest.raises(ModelError, match="painter answers no boxes"):
        BoxedRuntime(Painter(points=False), Finder(FOUND))


def _wide() -> Any:
    from biprompt.selection import Policy

    return Policy(pool="wide")
