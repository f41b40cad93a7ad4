"""The verdict, the candidates, and the card that says why one of them won."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from biprompt.errors import InputError
from biprompt.masks import area, rle_encode
from biprompt.results._plain import BoolArray, check_mask, number
from biprompt.results.held import holds_masks
from biprompt.results.levels import GRANULARITIES, Granularity, ladder, level


class Verdict(StrEnum):
    """What the answer claims.

    FOUND: here is the mask. ABSENT: it is not in this image; the mask is empty.
    DISAGREE: words and pointing mean different things; the mask is what was pointed at.
    """

    FOUND = "found"
    ABSENT = "absent"
    DISAGREE = "disagree"


class Source(StrEnum):
    """Where a candidate comes from.

    POINT: what was pointed at. JOINT: pointing and words together. TEXT: the words alone.
    TEXT_AT_CLICK: what the words outline, where it was clicked. REFINE: another candidate, refined.
    PART: one of several prompts alone. MEAN: the mean of the others. DRAWN: as it was drawn by
    hand. EXAMPLE: what resembles the examples.
    """

    POINT = "point"
    JOINT = "joint"
    TEXT = "text"
    TEXT_AT_CLICK = "text@click"
    REFINE = "refine"
    PART = "part"
    MEAN = "mean"
    DRAWN = "drawn"
    EXAMPLE = "example"


@holds_masks("mask")
@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One mask the gate could choose.

    Attributes:
        source: a `Source`; its word is taken too.
        index: its number within its source, from 0.
        score: predicted IoU.
        similarity: to the text mask; None without words.
        mask: (H, W) bool, original frame.

    Raises:
        InputError: the mask is not (H, W) bool, or the source is unknown.
    """

    source: str
    index: int
    score: float
    similarity: float | None
    mask: BoolArray = field(repr=False)

    def __post_init__(self) -> None:
        """Check the mask and the source."""
        check_mask("candidate mask", self.mask)
        if self.source not in list(Source):
            raise InputError("source", expected=", ".join(Source), actual=repr(self.source))
        object.__setattr__(self, "source", Source(self.source))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; the mask as COCO RLE."""
        return {
            "source": Source(self.source).value,
            "index": int(self.index),
            "score": number(self.score),
            "similarity": number(self.similarity),
            "area": int(area(self.mask)),
            "mask": rle_encode(self.mask),
        }


@holds_masks("text_mask")
@dataclass(frozen=True, slots=True, eq=False)
class SelectionCard:
    """Why this mask: every candidate, what the words outline, and the decision.

    Attributes:
        candidates: all that were offered.
        text_mask: (H, W) bool, what the words outline; None without words.
        winner: index into `candidates`, from 0; None when the answer is absent.
        similarity: of the winner to the text mask; None without either.
        margin: lead over the next candidate in what decided; None without one.
        metric: "iou" or "dice".
        policy: what decided, as `Policy.name` says it.
        pool: "paper", "wide" or "parts".
        reason: one sentence for a person; it counts candidates from 1.
        text_understood: False when no word of the phrase is known to the model; None without
            words, or when the model cannot tell.
        timings_ms: milliseconds by step.

    Raises:
        InputError: masks of different sizes, or a winner that is not among the candidates.
    """

    candidates: tuple[Candidate, ...] = field(repr=False)
    text_mask: BoolArray | None = field(repr=False)
    winner: int | None
    similarity: float | None
    margin: float | None
    metric: str
    policy: str
    pool: str
    reason: str
    text_understood: bool | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the sizes and the winner."""
        if self.winner is not None and not 0 <= self.winner < len(self.candidates):
            last = len(self.candidates) - 1
            expected = f"None or 0 to {last}" if self.candidates else None
            raise InputError("winner", expected=expected, actual=self.winner)
        if self.text_mask is not None:
            check_mask("text mask", self.text_mask)
        sizes = {mask.shape for mask in self.masks()}
        if len(sizes) > 1:
            raise InputError("masks of a card", expected="one size", actual=sorted(sizes))

    def masks(self) -> list[BoolArray]:
        """Return the candidates' masks and, last, the text mask where there is one."""
        masks = [candidate.mask for candidate in self.candidates]
        return masks if self.text_mask is None else [*masks, self.text_mask]

    @property
    def rungs(self) -> tuple[int, ...]:
        """The candidates that are steps from small to large, see `biprompt.results.levels`."""
        if not self.candidates:
            return ()
        masks = np.stack([candidate.mask for candidate in self.candidates])
        return tuple(ladder(masks, self._scores))

    @property
    def levels(self) -> dict[Granularity, int]:
        """Which candidate the part is, which the object and which the whole; {} without any.

        Only what was pointed at has levels; where the readings are alike, they name the same one.
        """
        own = [i for i, c in enumerate(self.candidates) if c.source == Source.POINT]
        if not own:
            return {}
        masks = np.stack([self.candidates[place].mask for place in own])
        scores = [self._scores[place] for place in own]
        rungs = ladder(masks, scores)
        return {name: own[level(rungs, scores, name)] for name in GRANULARITIES if rungs}

    @property
    def _scores(self) -> list[float]:
        return [float(candidate.score) for candidate in self.candidates]
