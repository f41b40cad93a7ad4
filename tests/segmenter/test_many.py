"""Hundreds of prompts: the same answers, some at a time, their masks held packed."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.experts.words import PhraseReader
from biprompt.masks.packed import PackedMask
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.runtime.onnx import OnnxRuntime
from biprompt.segmenter import Segmenter, many
from biprompt.zoo.words import WordTable

HW = (60, 90)


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Segmenter:
    reader = PhraseReader(WordTable.load(), ["cat", "dog"])
    return Segmenter(OnnxRuntime(tiny_model_folder, threads=1), reader)


@pytest.fixture
def prompts() -> list[Prompt]:
    at = np.random.default_rng(0).uniform((0, 0), (90, 60), (7, 2))
    clicks = [Prompt.build(points=[point]) for point in at]
    named = [Prompt.build(points=[point], text="cat") for point in at[:3]]
    return [*clicks, *named, Prompt.build(text="dog"), Prompt.build(text="cat")]


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (*HW, 3), dtype=np.uint8)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "HELD_BYTES", 2 * many.MASKS_OF_ONE * HW[0] * HW[1])


def told(answers: list[Segmentation]) -> list[dict[str, Any]]:
    return [answer.to_dict() | {"timings_ms": None} for answer in answers]


def held(answer: Segmentation) -> Iterator[object]:
    """What the slots hold, past the attributes that unpack it."""
    for owner, name in ((answer, "mask"), *((each, "mask") for each in answer.card.candidates)):
        (kind,) = (kind for kind in type(owner).__mro__ if name in vars(kind))
        yield vars(kind)[name]._slot.__get__(owner)


def test_few_answers_hold_plain_arrays(model, image, prompts):
    for answer in model.segment_many(image, prompts):
        assert all(isinstance(mask, np.ndarray) for mask in held(answer))


def test_many_answers_are_the_same_and_held_packed(model, image, prompts, monkeypatch):
    plain = model.segment_many(image, prompts)
    monkeypatch.setattr(many, "HELD_BYTES", 2 * many.MASKS_OF_ONE * HW[0] * HW[1])
    packed = model.segment_many(image, prompts)
    assert told(packed) == told(plain)
    for one, other in zip(packed, plain, strict=True):
        assert all(isinstance(mask, PackedMask) for mask in held(one))
        np.testing.assert_array_equal(one.mask, other.mask)
        assert (one.soft is None) == (other.soft is None)
        if one.soft is not None:
            np.testing.assert_array_equal(one.soft, other.soft)
            assert one.soft.base is None  # a view would keep the whole call alive


@pytest.mark.usefixtures("little_memory")
def test_packed_answers_are_answers(model, image, prompts, tmp_path):
    answer = model.segment_many(image, prompts)[7]
    assert answer.mask.shape == HW and not answer.mask.flags.writeable
    assert replace(answer, phrase="other").mask.sum() == answer.mask.sum()
    for again in (pickle.loads(pickle.dumps(answer)), copy.copy(answer)):
        np.testing.assert_array_equal(again.mask, answer.mask)
        assert len(again.card.candidates) == len(answer.card.candidates)
    answer.save_card(tmp_path / "card.png")
    answer.step(1)


@pytest.mark.usefixtures("little_memory")
def test_a_wrong_prompt_answers_none(model, image, prompts):
    from biprompt.errors import PromptError

    with pytest.raises(PromptError, match="point"):
        model.segment_many(image, [*prompts, Prompt.build(points=[(500, 5)])])
