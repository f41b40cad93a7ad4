"""A model that knows answers by their words, and a few rectangles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from tests.data.readers.conftest import Disk

from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject
from biprompt.data.sources import Shapes
from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard
from biprompt.selection import Policy, select

BoolMask = npt.NDArray[np.bool_]
HW = (12, 16)
Box = tuple[int, int, int, int]


def rectangle(x0: int, y0: int, x1: int, y1: int) -> BoolMask:
    mask = np.zeros(HW, np.bool_)
    mask[y0:y1, x0:x1] = True
    return mask


def shapes(*boxes: Box) -> Shapes:
    outlines = (
        np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float) for x0, y0, x1, y1 in boxes
    )
    return Shapes(HW, tuple(outlines))


class Speaking:
    """Answers the phrases it knows by (mask, presence), others by nothing; says what it heard."""

    def __init__(self, known: Mapping[str, tuple[BoolMask, float | None]]) -> None:
        self.known = known
        self.looks: list[str] = []
        self.calls: list[list[str]] = []

    def embed(self, image: Any) -> tuple[int, int]:
        self.looks.append(getattr(image, "name", "array"))
        return load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and prompt.text is not None
        return self._answer(image, prompt.text.phrase, policy)

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        phrases = [str(prompt.text) for prompt in prompts]
        if any(len(phrase.split()) > 5 for phrase in phrases):
            raise PromptError("phrase", expected="at most 5 words", actual="more")
        self.calls.append(phrases)
        return [self._answer(image, phrase, policy) for phrase in phrases]

    def _answer(self, hw: tuple[int, int], phrase: str, policy: Policy | None) -> Segmentation:
        mask, presence = self.known.get(phrase, (np.zeros(hw, np.bool_), None))
        choice = select(
            mask[None], [0.5], ["text"], text_mask=mask, presence=presence, policy=policy
        )
        card = SelectionCard(
            (Candidate("text", 0, 0.5, None, mask),),
            *(mask, choice.winner, None, None, "iou", "similarity", "paper", choice.reason),
            text_understood="zz" not in phrase,
        )
        return Segmentation(choice.mask, choice.verdict, presence, card, "speaking")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    Image.new("RGB", HW[::-1], "gray").save(tmp_path / "1.png")
    return Picture(tmp_path / "1.png")


@pytest.fixture
def things(picture: Picture) -> list[InteractiveObject]:
    """Two dogs and a cup in one image."""
    boxes = {1: ("Dog", (0, 0, 4, 4)), 2: ("cup", (8, 0, 10, 2)), 3: ("Dog", (0, 8, 2, 10))}
    return [
        InteractiveObject(picture, 7, number, shapes(box), label=label)
        for number, (label, box) in boxes.items()
    ]


@pytest.fixture
def speaking() -> Callable[..., Contender]:
    def contender(known: Mapping[str, Any], *, semantic: bool = False) -> Contender:
        return Contender("speaking", "1", Speaking(known), semantic=semantic)

    return contender


@pytest.fixture
def draw() -> SimpleNamespace:
    """The helpers above: test modules cannot import from here."""
    return SimpleNamespace(HW=HW, rectangle=rectangle, shapes=shapes)
