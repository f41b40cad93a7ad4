"""Follow a mask from slice to slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.data.inscribed import deepest, largest_squares
from biprompt.errors import PromptError
from biprompt.masks import bbox_xyxy, iou_matrix
from biprompt.prompts import Box, MaskPrompt, Points, Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.segmenter.volumes.answer import UNNAMED, VolumeAnswer, measure
from biprompt.segmenter.volumes.rules import Measured, StopRules, broken
from biprompt.segmenter.volumes.scan import Scan

BOX_MARGIN = 1
"""Pixels by which the box around a mask is widened for the next slice, as the thing may grow."""


class Model(Protocol):
    """What answers a slice; a `Segmenter` does."""

    @property
    def name(self) -> str:
        """Name of the model."""

    def segment(self, image: Any, *, prompt: Prompt) -> Segmentation:
        """Answer one prompt on one image."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Masks of the slices on one side of where following began.

    Attributes:
        masks: (H, W) bool by slice, without the first.
        end: why it went no farther.
    """

    masks: dict[int, NDArray[np.bool_]] = field(repr=False)
    end: str


def segment_volume(
    model: Model, scan: Scan, index: int, prompt: Prompt, *, rules: StopRules | None = None
) -> VolumeAnswer:
    """Answer a prompt on one slice and follow the mask through the volume, both ways.

    The next slice is asked with the box around the mask, its deepest point and the mask itself;
    words take part on the first slice only. A side ends at the edge of the volume, at a slice on
    which nothing can be seen, or where `StopRules` are broken; that slice is left out.

    Args:
        model: answers slices.
        scan: the volume as pictures.
        index: the slice that is pointed at.
        prompt: what is asked there, in pixels of its picture.
        rules: when to stop; the usual ones when left out.

    Raises:
        InputError: there is no such slice.
        ImageError: a slice cannot be read, or nothing can be seen on the first one.
        PromptError: the prompt does not fit the slice, or it only names the thing.
    """
    if not prompt.has_spatial:
        expected = "a point, a box or another mark on the slice; words alone ask the whole volume"
        raise PromptError("prompt", expected=expected, actual="words alone")
    first = model.segment(scan.picture(index), prompt=prompt)
    labels = np.zeros(scan.volume.shape, np.uint8)
    phrase = None if prompt.text is None else prompt.text.phrase
    name = phrase or UNNAMED
    if not first.mask.any():
        organ = measure(scan, labels, name)
        reason = f"On {scan.axis} slice {index}: {first.card.reason}"
        return VolumeAnswer(Verdict.ABSENT, reason, labels, (organ,), scan, model.name, phrase)
    sides = [follow(model, scan, index, first, step, rules or StopRules()) for step in (-1, 1)]
    stack = scan.stack(labels)
    stack[index][first.mask] = 1
    for at, mask in (pair for side in sides for pair in side.masks.items()):
        stack[at][mask] = 1
    organ = measure(scan, labels, name, ends=[side.end for side in sides])
    reason = f"On {scan.axis} slice {index}: {first.card.reason}"
    return VolumeAnswer(first.verdict, reason, labels, (organ,), scan, model.name, phrase)


def follow(
    model: Model, scan: Scan, index: int, first: Segmentation, step: int, rules: StopRules,
    *, limit: int | None = None,
) -> Followed:  # fmt: skip
    """Follow the mask of one slice to one side.

    Args:
        model: answers slices.
        scan: the volume as pictures.
        index: the slice of `first`.
        first: an answer with a mask.
        step: 1 upwards, -1 downwards.
        rules: when to stop.
        limit: how many slices at most; None goes on to the edge.
    """
    masks: dict[int, NDArray[np.bool_]] = {}
    answer = first
    picture = scan.picture(index)
    origin = before = _measured(first, picture)
    for at in _beside(index, step, scan.count, limit):
        seen = scan.seen(at)
        if seen is None:
            return Followed(masks, f"slice {at}: nothing can be seen on it")
        found = model.segment(seen, prompt=_continued(answer))
        now = _measured(found, seen)
        iou = float(iou_matrix(found.mask[None], answer.mask[None])[0, 0])
        if reason := broken(now, before, origin, iou, rules):
            return Followed(masks, f"slice {at}: {reason}")
        masks[at], answer, before = found.mask, found, now
    edge = limit is None or len(masks) < limit
    return Followed(masks, "the edge of the volume" if edge else f"{limit} slices")


def _beside(index: int, step: int, count: int, limit: int | None) -> Iterator[int]:
    last = count if step > 0 else -1
    places = range(index + step, last, step)
    return iter(places if limit is None else places[:limit])


def _continued(answer: Segmentation) -> Prompt:
    """The prompt that asks for the same thing on the next slice."""
    height, width = answer.mask.shape
    x0, y0, x1, y1 = bbox_xyxy(answer.mask)
    box = (max(x0 - BOX_MARGIN, 0), max(y0 - BOX_MARGIN, 0),
           min(x1 + BOX_MARGIN, width), min(y1 + BOX_MARGIN, height))  # fmt: skip
    squares = largest_squares(answer.mask)
    if squares is None:  # only an empty mask has none, and it has been followed no farther
        raise PromptError("mask", expected="at least one pixel", actual="an empty mask")
    _, row, column = deepest(squares)
    mask = MaskPrompt(answer.mask, answer.soft)
    return Prompt(points=Points([(column, row)]), box=Box(box), mask=mask)


def _measured(answer: Segmentation, picture: NDArray[np.uint8]) -> Measured:
    winner, pixels = answer.card.winner, int(np.count_nonzero(answer.mask))
    score = 0.0 if winner is None else answer.card.candidates[winner].score
    grey = float(np.median(picture[..., 0][answer.mask])) / 255.0 if pixels else 0.0
    return Measured(pixels, float(score), grey)
