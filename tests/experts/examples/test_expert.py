"""From examples to proposals, with a runtime that sees colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.experts.conftest import HW
from tests.experts.examples.conftest import ColourRuntime, look, picture, seen, square

from biprompt.experts.examples.expert import ALIKE, OFFERED, resembling
from biprompt.experts.examples.seen import Seen
from biprompt.geometry import ModelFrame
from biprompt.masks import iou_matrix
from biprompt.prompts import Example
from biprompt.runtime.base import Decoded, ImageEmbedding

pytestmark = pytest.mark.usefixtures("plain")
RED, BLUE = (80, 24, 24), (16, 24, 24)
RED_MASK = square(*RED)


def iou(mask: Any, other: Any) -> float:
    return float((mask & other).sum() / (mask | other).sum())


def test_thing_of_the_same_colour_is_found(colours: ColourRuntime) -> None:
    found = resembling(colours, look(picture(red=RED, blue=BLUE)), [seen(red=(8, 8, 24))])
    assert iou(found.proposals[0].mask, RED_MASK) > 0.8
    assert found.presence is not None and found.presence > 0.7
    scores = [one.score for one in found.proposals]
    assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)


def test_proposals_are_few_and_differ(colours: ColourRuntime) -> None:
    found = resembling(colours, look(picture(red=RED, blue=BLUE)), [seen(red=(8, 8, 24))])
    masks = np.stack([one.mask for one in found.proposals])
    assert 1 < len(masks) <= OFFERED
    assert (iou_matrix(masks, masks) - np.eye(len(masks))).max() < ALIKE
    assert all(mask.any() and mask.shape == HW for mask in masks)


def test_presence_is_lower_where_nothing_resembles(colours: ColourRuntime) -> None:
    example = seen(red=(8, 8, 24))
    there = resembling(colours, look(picture(red=RED)), [example])
    absent = resembling(colours, look(picture(blue=BLUE)), [example])
    assert absent.presence is not None and there.presence is not None
    assert absent.presence < 0.5 < there.presence


def test_negative_example_moves_the_answer(colours: ColourRuntime) -> None:
    both = seen(red=(8, 8, 16), blue=(24, 8, 16))  # marks the red half of a pair
    pair = picture(red=(64, 24, 16), blue=(80, 24, 16))
    marked = Seen(Example(both.example.image, square(8, 8, 32) & square(8, 8, 16)), both.image)
    found = resembling(colours, look(pair), [marked, seen(0, blue=(8, 8, 24))])
    assert iou(found.proposals[0].mask, square(64, 24, 16)) > 0.6


def test_picture_of_one_colour_is_answered_all_the_same(colours: ColourRuntime) -> None:
    found = resembling(colours, look(picture()), [seen(red=(8, 8, 24))])
    assert found.proposals and found.presence is not None and found.presence < 0.5


def test_model_without_masks_is_not_given_one(colours: ColourRuntime) -> None:
    colours.facts = replace(colours.facts, masks=False)
    decode, given = colours.decode, []

    def spy(image: Any, spatial: Any, text: Any) -> Decoded:
        given.append(float(spatial.has_mask.sum()))
        return decode(image, spatial, text)

    colours.decode = spy  # type: ignore[method-assign]
    assert resembling(colours, look(picture(red=RED)), [seen(red=(8, 8, 24))]).proposals
    assert sum(given) == 0


class Imitator(ColourRuntime):
    """Marks the left half for red examples and the upper half for others, in its own frame."""

    facts = replace(ColourRuntime.facts, points=False, examples=True)

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[int] = []

    def imitate(self, image: ImageEmbedding, examples: Sequence[Example]) -> Decoded:
        self.shown.append(len(examples))
        assert all(example.label == 1 for example in examples)
        logits = np.full((1, 1, 8, 8), -3.0, np.float32)
        red = examples[0].image[examples[0].mask].mean(0)[0] > 200
        logits[0, 0, :, :4] = 3.0 if red else logits[0, 0, :, :4]
        logits[0, 0, :4] = logits[0, 0, :4] if red else 3.0
        return Decoded(logits, np.array([[0.8]], np.float32), (ModelFrame(HW, (32, 32)),))


def test_model_with_an_expert_of_its_own_is_asked() -> None:
    model = Imitator()
    examples = [Seen(seen(red=(8, 8, 24)).example, None)] * 2
    found = resembling(model, look(picture()), examples)
    (only,) = found.proposals
    assert only.mask[:, :64].all() and not only.mask[:, 64:].any()
    assert (only.score, found.presence, model.shown) == (pytest.approx(0.8), None, [2])


def test_what_negative_examples_mark_is_taken_out_of_it() -> None:
    model = Imitator()
    examples = [
        Seen(seen(red=(8, 8, 24)).example, None),
        Seen(seen(0, blue=(8, 8, 9)).example, None),
    ]
    (only,) = resembling(model, look(picture()), examples).proposals
    assert only.mask[32:, :64].all() and not only.mask[:32].any() and model.shown == [1, 1]
