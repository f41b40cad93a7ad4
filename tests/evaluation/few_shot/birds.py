"""PASCAL-5i in HSNet's layout, and models that know; worker processes import them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy

HW = (1, 6)
MASKS = {
    "2007_0": [[1, 1, 0, 0, 0, 255]],
    "2007_1": [[0, 0, 1, 1, 0, 255]],
    "2007_2": [[2, 1, 1, 2, 2, 0]],
}
"""0 background, 1 aeroplane, 2 bicycle, 255 ignored."""
PAIRS = [("2007_0", 1), ("2007_1", 1), ("2007_2", 1)]
"""The first three episodes of fold 0."""


def write(disk: Any) -> Path:
    for name, indices in MASKS.items():
        disk.photo(f"VOC2012/JPEGImages/{name}.jpg", HW)
        disk.grey(f"VOC2012/SegmentationClassAug/{name}.png", indices)
    for fold in range(4):
        lines = "".join(f"{name}__{number:02}\n" for name, number in PAIRS)
        disk.text(f"splits/pascal/val/fold{fold}.txt", lines)
    return Path(disk.root)


class FirstTwo:
    """Finds the first two columns of every query; takes examples only where it is said."""

    def __init__(self, *, examples: bool) -> None:
        self.examples = examples
        self.prompts: list[Prompt] = []
        self.looks: list[str] = []

    def embed(self, image: Any) -> tuple[int, int]:
        self.looks.append(Path(image).stem)
        return load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and policy is not None and policy.presence_threshold == 0
        if prompt.examples and not self.examples:
            raise PromptError("examples", expected="prompts it takes (text)", actual="an example")
        self.prompts.append(prompt)
        mask = np.zeros(image, np.bool_)
        mask[:, :2] = True
        card = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Always.")
        return Segmentation(mask, Verdict.FOUND, 0.4 if prompt.text else None, card, "first two")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


def shown() -> Contender:
    return Contender("first two", "1", FirstTwo(examples=True))


def named() -> Contender:
    return Contender("first two", "1", FirstTwo(examples=False), Policy(presence_threshold=0.5))
