"""SegGPT, with tiny random weights, through the segmenter: it looks at examples by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the models of transformers need torch")
pytest.importorskip("transformers", reason="the adapters are for its models")

from tests.runtime.hub.words import tiny

from biprompt.errors import PromptError
from biprompt.runtime.hub.seggpt import SegGptRuntime
from biprompt.runtime.torch import Place
from biprompt.segmenter import Segmenter

SIZE = {"size": {"height": 32, "width": 32}}
RANDOM = np.random.default_rng(5)
IMAGE = RANDOM.integers(0, 256, (50, 80, 3), np.uint8)
OTHER = RANDOM.integers(0, 256, (40, 30, 3), np.uint8)
MASK = np.zeros((40, 30), np.bool_)
MASK[5:20, 5:20] = True


class NoReader:
    def read(self, text: str) -> Any:
        raise AssertionError("no words were asked")


@pytest.fixture(scope="module")
def model() -> Segmenter:
    return Segmenter(SegGptRuntime("seggpt", "1", Place.of("cpu"), tiny.seggpt(), SIZE), NoReader())


def test_what_it_paints_is_the_answer(model: Segmenter) -> None:
    answer = model.segment(IMAGE, examples=[(OTHER, MASK), (OTHER, ~MASK)])
    assert answer.presence is None and answer.mask.shape == (50, 80)
    assert {candidate.source for candidate in answer.card.candidates} <= {"example"}
    assert answer.mask.any() == (answer.verdict == "found")


def test_what_negative_examples_paint_is_taken_out(model: Segmenter) -> None:
    plain = model.segment(IMAGE, examples=[(OTHER, MASK)])
    same = model.segment(IMAGE, examples=[(OTHER, MASK)], negative_examples=[(OTHER, MASK)])
    assert same.verdict == "absent" and not same.mask.any()
    assert plain.mask.sum() >= same.mask.sum()


def test_clicks_are_refused(model: Segmenter) -> None:
    with pytest.raises(
        PromptError, match=r"points: expected prompts that seggpt takes \(examples\)"
    ):
        model.segment(IMAGE, points=[(3, 3)], examples=[(OTHER, MASK)])
