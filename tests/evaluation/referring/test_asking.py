from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import biprompt
from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.evaluation.referring.asking import ask, is_refused, surest_pixel, template, wording
from biprompt.evaluation.referring.questions import Question, Reading
from biprompt.geometry import ModelFrame, resize_mask_logits
from biprompt.results import Segmentation, Verdict
from biprompt.runtime.base import ImageEmbedding

Make = Callable[..., Contender]
PHOTO = Path(__file__).parents[3] / "examples" / "chelsea.jpg"


@pytest.mark.parametrize(
    ("reading", "semantic", "expected"),
    [
        (Reading.CLASSES, True, "[semantic] {}"),
        (Reading.CLASSES, False, "{}"),
        (Reading.SENTENCES, True, "{}"),
        (Reading.THINGS, True, "{}"),
    ],
)
def test_only_all_of_a_class_is_asked_with_the_prefix(
    speaking: Make, reading: Reading, semantic: bool, expected: str
) -> None:
    assert template(reading, speaking({}, semantic=semantic)) == expected


def test_words_in_lower_case(picture: Any, draw: Any) -> None:
    question = Question("k", "val", "1", " The LEFT Cup ", picture, draw.shapes((0, 0, 2, 2)))
    assert wording(question, "{}") == "the left cup"
    assert wording(question, "[semantic] {}") == "[semantic] the left cup"


@pytest.mark.parametrize(("presence", "refused"), [(None, False), (0.4, True), (0.5, False)])
def test_presence_is_not_asked_and_still_known(
    speaking: Make, draw: Any, presence: float | None, refused: bool
) -> None:
    mask = draw.rectangle(0, 0, 4, 4)
    contender = speaking({"cup": (mask, presence)})
    (answer,) = ask(contender, draw.HW, ["cup"], refusing=False)
    (own,) = ask(contender, draw.HW, ["cup"], refusing=True)
    assert isinstance(answer, Segmentation) and isinstance(own, Segmentation)
    np.testing.assert_array_equal(answer.mask, mask)
    assert is_refused(answer, contender) is refused is (own.verdict is Verdict.ABSENT)
    assert own.mask.any() is not refused


def test_the_threshold_is_the_contenders_own(speaking: Make, draw: Any) -> None:
    contender = speaking({"cup": (draw.rectangle(0, 0, 4, 4), 0.4)})
    lenient = replace(contender, policy=replace(contender.policy, presence_threshold=0.3))
    (answer,) = ask(lenient, draw.HW, ["cup"], refusing=False)
    assert isinstance(answer, Segmentation) and not is_refused(answer, lenient)


def test_an_empty_mask_is_a_refusal(speaking: Make, draw: Any) -> None:
    contender = speaking({})
    (answer,) = ask(contender, draw.HW, ["unicorn"], refusing=False)
    assert isinstance(answer, Segmentation) and is_refused(answer, contender)


@pytest.mark.parametrize("unread", ["one two three four five six", "", "a\x00b"])
def test_what_cannot_be_read_stops_nobody(speaking: Make, draw: Any, unread: str) -> None:
    contender = speaking({"cup": (draw.rectangle(0, 0, 4, 4), None)})
    first, other, last = ask(contender, draw.HW, ["cup", unread, "cup"], refusing=False)
    assert isinstance(other, str) and other.startswith("phrase: expected")
    for answer in (first, last):
        assert isinstance(answer, Segmentation) and answer.mask.sum() == 16
    (alone,) = ask(contender, draw.HW, [unread], refusing=False)
    assert alone == other


def test_a_model_without_words_is_an_error(speaking: Make, monkeypatch: Any, draw: Any) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PromptError("text", expected="prompts that sam takes (points)", actual="words")

    contender = speaking({})
    monkeypatch.setattr(contender.model, "segment_many", refuse)
    for phrases in (["cup"], ["cup", "dog"]):
        with pytest.raises(PromptError, match="text: expected prompts that sam takes"):
            ask(contender, draw.HW, phrases, refusing=False)


def looked(frame: ModelFrame) -> ImageEmbedding:
    pixels = np.zeros((*frame.original_hw, 3), np.uint8)
    return ImageEmbedding({}, frame, "key", "speaking", "1", pixels)


def sure(speaking: Make, draw: Any, soft: Any) -> Segmentation:
    contender = speaking({"cup": (draw.rectangle(2, 2, 9, 9), None)})
    (answer,) = ask(contender, draw.HW, ["cup"], refusing=False)
    assert isinstance(answer, Segmentation)
    return replace(answer, soft=np.asarray(soft, np.float32))


def test_the_middle_of_the_surest_cell(speaking: Make, draw: Any) -> None:
    soft = np.zeros((3, 4))
    soft[1, 2] = soft[2, 1] = 0.9
    scene = looked(ModelFrame(draw.HW, (24, 32)))  # a cell is 8 model pixels, 4 of the image
    assert surest_pixel(sure(speaking, draw, soft), scene) == (6, 10), "the first of two"


def test_cells_of_the_padding_do_not_count(speaking: Make, draw: Any) -> None:
    """The image fills three of four rows of the canvas, and is half as large as it was."""
    soft = np.zeros((8, 8))
    soft[7, 7], soft[5, 3] = 0.9, 0.8
    scene = looked(ModelFrame(draw.HW, (24, 32), (32, 32)))
    expected = int(5.5 * 4 / 24 * 12), int(3.5 * 4 / 32 * 16)
    assert surest_pixel(sure(speaking, draw, soft), scene) == expected == (11, 7)


def test_the_last_cell_lies_in_the_image(speaking: Make, draw: Any) -> None:
    soft = np.zeros((7, 9))
    soft[6, 8] = 1
    scene = looked(ModelFrame(draw.HW, (28, 36)))
    assert surest_pixel(sure(speaking, draw, soft), scene) == (11, 15)


def test_without_a_map_it_is_the_deepest_pixel(speaking: Make, draw: Any) -> None:
    answer = sure(speaking, draw, np.zeros((3, 4)))
    for known, scene in ((answer, draw.HW), (replace(answer, soft=None), None)):
        assert surest_pixel(known, scene) == (5, 5)
    (nothing,) = ask(speaking({}), draw.HW, ["cup"], refusing=False)
    assert isinstance(nothing, Segmentation) and surest_pixel(nothing, draw.HW) is None


def test_a_true_gate_refuses_the_same() -> None:
    """And its surest pixel has the highest value of its map at the image's own size."""
    model = biprompt.load()
    contender = Contender("compact", "1", model, model.policy)
    scene = model.embed(PHOTO)
    phrases = ["cat", "the ear of the cat", "[semantic] cat", "zebra", "airplane", "qwxzt"]
    taken, own = (ask(contender, scene, phrases, refusing=no) for no in (False, True))
    refused = []
    for answer, stated in zip(taken, own, strict=True):
        assert isinstance(answer, Segmentation) and isinstance(stated, Segmentation)
        refused.append(is_refused(answer, contender))
        assert refused[-1] is (stated.verdict is Verdict.ABSENT)
        if stated.card.text_mask is not None:
            np.testing.assert_array_equal(answer.mask, stated.card.text_mask)
        if answer.soft is not None:
            pixel = surest_pixel(answer, scene)
            shown = resize_mask_logits(answer.soft, answer.mask.shape)
            assert pixel is not None and shown[pixel] > 0.99 * shown.max() and answer.mask[pixel]
    assert not refused[0] and refused[3:] == [True] * 3
