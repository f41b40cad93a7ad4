"""Answers without a model, so that a number has something to stand beside."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.data.coco import BoolMask
from biprompt.errors import PromptError
from biprompt.evaluation.grabcut import cut_out, opencv_version
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Source, Verdict
from biprompt.selection import Policy

RADII = (1 / 6, 1 / 12, 1 / 3)
"""Radii of the disks, in shorter sides of the image; the first is the own pick."""

DISK, WHOLE, GRABCUT = "disk round the click", "whole image", "GrabCut from the box"

Painter = Callable[[tuple[int, int], Prompt], Sequence[BoolMask]]


class Painted:
    """A model whose masks are painted by a function of the image's size and the clicks.

    Args:
        name: how answers call it.
        paint: gets (height, width) and the prompt, returns (H, W) bool masks, own pick first.
    """

    def __init__(self, name: str, paint: Painter) -> None:
        """Keep the function."""
        self.name, self._paint = name, paint

    def embed(self, image: Any) -> tuple[int, int]:
        """Return the (height, width) of an image."""
        return load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        """Paint the masks; the words and the policy do not count.

        Raises:
            PromptError: no prompt was given.
        """
        if prompt is None:
            raise PromptError("prompt", expected="a prompt", actual=None)
        return _answer(self._paint(image, prompt), self.name, "Painted without looking.")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        """Paint one answer after the other."""
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


class GrabCut:
    """OpenCV's GrabCut as a model: it takes a box, nothing else, and answers once."""

    def embed(self, image: Any) -> npt.NDArray[np.uint8]:
        """Return the pixels of an image, (H, W, 3) uint8 RGB."""
        return load_image(image).pixels

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        """Cut out what lies in the box; everything else of the prompt does not count.

        Raises:
            PromptError: no box was given.
        """
        if prompt is None or prompt.box is None:
            raise PromptError("prompt", expected="a box", actual="none")
        x0, y0, x1, y1 = prompt.box.xyxy
        box = (math.floor(x0), math.floor(y0), math.ceil(x1), math.ceil(y1))
        return _answer([cut_out(image, box)], GRABCUT, "The colours inside and outside of a box.")

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        """Cut out one box after the other."""
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


def _answer(masks: Sequence[BoolMask], name: str, reason: str) -> Segmentation:
    candidates = tuple(
        Candidate(Source.POINT, index, 1.0 - 0.1 * index, None, mask)
        for index, mask in enumerate(masks)
    )
    card = SelectionCard(candidates, None, 0, None, None, "iou", "none", "paper", reason)
    return Segmentation(masks[0], Verdict.FOUND, None, card, name)


def whole_image(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Return one mask that covers everything."""
    return [np.ones(hw, bool)]


def disks(hw: tuple[int, int], prompt: Prompt) -> list[BoolMask]:
    """Paint a disk round every click, later clicks over earlier ones, for each of RADII."""
    return [_painted(hw, prompt, share * min(hw)) for share in RADII]


def baselines() -> tuple[Contender, ...]:
    """Return both baselines that look at nothing as contenders."""
    painters = {DISK: disks, WHOLE: whole_image}
    return tuple(Contender(name, name, Painted(name, paint)) for name, paint in painters.items())


def grabcut_baselines() -> tuple[Contender, ...]:
    """Return GrabCut as a contender; nobody where OpenCV is not installed."""
    version = opencv_version()
    return () if version is None else (Contender(GRABCUT, f"opencv {version}", GrabCut()),)


def _painted(hw: tuple[int, int], prompt: Prompt, radius: float) -> BoolMask:
    mask = np.zeros(hw, bool)
    if prompt.points is not None:
        for (x, y), label in zip(prompt.points.xy, prompt.points.labels, strict=True):
            top, left = max(0, int(y - radius)), max(0, int(x - radius))
            part = mask[top : int(y + radius) + 1, left : int(x + radius) + 1]
            rows, columns = np.ogrid[: part.shape[0], : part.shape[1]]
            part[(columns + left - x) ** 2 + (rows + top - y) ** 2 <= radius**2] = bool(label)
    return mask
