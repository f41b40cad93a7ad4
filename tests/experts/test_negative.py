"""What unwanted words take away."""

from __future__ import annotations

from typing import Any

import numpy as np

from biprompt.experts.answer import answer_all
from biprompt.experts.negative import contested, without
from biprompt.experts.pair import Proposal
from biprompt.experts.plan import Asked
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.selection import Policy

FRAME = ModelFrame((32, 64), (32, 64))


def proposal(soft: np.ndarray) -> Proposal:
    """A proposal on 8 x 16 cells of 4 pixels, without smoothing of its border."""
    return Proposal(np.kron(soft > 0.5, np.ones((4, 4), bool)), 0.9, soft.astype(np.float32))


def cells(*regions: tuple[slice, slice, float]) -> np.ndarray:
    soft = np.full((8, 16), 0.05)
    for rows, columns, value in regions:
        soft[rows, columns] = value
    return soft


def test_separate_things_are_told_apart() -> None:
    cups = proposal(cells((slice(1, 5), slice(1, 5), 0.95), (slice(1, 5), slice(9, 13), 0.95)))
    red = proposal(cells((slice(1, 5), slice(9, 13), 0.9)))
    gone = contested(cups, red, FRAME)
    assert gone[4:20, 36:52].all() and not gone[4:20, 4:20].any()


def test_what_lies_inside_the_unwanted_thing_stays() -> None:
    nose = proposal(cells((slice(3, 6), slice(6, 10), 0.9)))
    skin = proposal(cells((slice(0, 8), slice(2, 14), 0.8)))
    gone = contested(nose, skin, FRAME)
    assert not gone[14:22, 26:38].any() and gone[4:28, 10:14].all()


def test_a_pixel_goes_to_the_surer_words() -> None:
    skin = proposal(cells((slice(0, 8), slice(0, 12), 0.6)))
    hair = proposal(cells((slice(0, 8), slice(8, 16), 0.9)))
    gone = contested(skin, hair, FRAME)
    assert gone[:, 34:].all() and not gone[:, :30].any()


def test_masks_of_others_are_cut_by_their_outline_unless_most_would_go() -> None:
    mask, other = np.zeros((2, 4, 8), bool)
    mask[:, :4], other[:, 3:] = True, True
    kept = contested(Proposal(mask, 0.9), Proposal(other, 0.9), FRAME)
    assert np.array_equal(kept, other)
    other[:, 1:] = True
    assert not contested(Proposal(mask, 0.9), Proposal(other, 0.9), FRAME).any()
    (less,) = without([Proposal(mask, 0.9)], other)
    assert less.mask.sum() == 4 and less.soft is None


def test_several_unwanted_things_are_each_told(runtime: Any, embedding: Any, reader: Any) -> None:
    prompt = Prompt.build(points=[(68, 30)], negative_text=["dog", "zzxqv"])
    asked = Asked.of(prompt, reader, embedding.frame)
    (answer,) = answer_all(runtime, embedding, [asked], Policy())
    assert answer.mask[30, 68] and not answer.mask[:, :64].any()
    assert "What “dog” outlines was taken out." in answer.card.reason
    assert "“zzxqv” is not known to the model" in answer.card.reason
