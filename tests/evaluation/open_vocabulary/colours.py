"""Pascal VOC in its layout, and a model that finds what it is told to; workers import it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy

BoolMask = npt.NDArray[np.bool_]
HW = (2, 5)
VOC = {
    "2007_1": [[0, 0, 1, 1, 255], [17, 17, 1, 1, 0]],
    "2007_2": [[3, 3, 3, 0, 0], [3, 3, 3, 0, 0]],
}
"""0 background, 1 aeroplane, 3 bird, 17 sheep, 255 ignored."""

COLUMNS: Mapping[tuple[str, str], tuple[Sequence[int], float]] = {
    ("2007_1", "aeroplane"): ([1, 2, 3, 4], 0.7),
    ("2007_1", "sheep"): ([0, 1], 0.8),
    ("2007_1", "bird"): ([4], 0.2),
    ("2007_2", "bird"): ([0, 1], 0.9),
    ("2007_2", "cat"): ([1, 2], 0.6),
}
"""Columns of the photograph that are found, and presence; nothing with 0.1 for any other name."""


def write(disk: Any) -> Path:
    for name, indices in VOC.items():
        disk.photo(f"VOC2012/JPEGImages/{name}.jpg", HW)
        disk.grey(f"VOC2012/SegmentationClass/{name}.png", indices)
    disk.text("VOC2012/ImageSets/Segmentation/val.txt", "\n".join(VOC))
    return Path(disk.root)


def columns(found: Sequence[int]) -> BoolMask:
    mask = np.zeros(HW, np.bool_)
    mask[:, list(found)] = True
    return mask


class Seeing:
    """Answers from COLUMNS, asked with "[semantic] " or without; "dog" means nothing to it."""

    def __init__(self) -> None:
        self.looks: list[str] = []
        self.asked: list[str] = []

    def embed(self, image: Any) -> tuple[str, tuple[int, int]]:
        self.looks.append(Path(image).stem)
        return Path(image).stem, load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and prompt.text is not None
        return self._answer(image[0], prompt.text.phrase)

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        phrases = [str(prompt.text) for prompt in prompts]
        if any("potted" in phrase for phrase in phrases):
            raise PromptError("phrase", expected="other words", actual="potted")
        self.asked += phrases
        return [self._answer(image[0], phrase) for phrase in phrases]

    def _answer(self, name: str, phrase: str) -> Segmentation:
        found, presence = COLUMNS.get((name, phrase.removeprefix("[semantic] ")), ((), 0.1))
        mask = columns(found)
        card = SelectionCard(
            (Candidate("text", 0, 0.5, None, mask),),
            *(mask, 0, None, None, "iou", "similarity", "paper", "Told."),
            text_understood="dog" not in phrase,
        )
        return Segmentation(mask, Verdict.FOUND, presence, card, "seeing")


def seeing(*, semantic: bool = False) -> Contender:
    return Contender("seeing", "1", Seeing(), Policy(presence_threshold=0.5), semantic)
