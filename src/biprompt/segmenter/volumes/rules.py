"""When a mask that is followed from slice to slice is no longer the same thing."""

from __future__ import annotations

from dataclasses import dataclass, fields

from biprompt.errors import InputError


@dataclass(frozen=True, slots=True)
class StopRules:
    """Following ends before the first slice that breaks one of these.

    The mask of a slice is compared with the mask of the slice before, its score and its grey with
    those of the slice that was pointed at. Where an organ ends, a model outlines what lies behind
    it just where the organ was: only score and grey tell.

    Attributes:
        min_iou: IoU of two neighbouring masks. 0.3 lets an organ end within a few slices.
        max_growth: how many times larger the next mask may be. An organ that is pointed at near
            its tip grows fast.
        min_share: how large the next mask must at least be, as a share of the one before.
        min_score: lowest predicted IoU.
        min_score_share: lowest predicted IoU as a share of the first slice's.
        max_grey_change: how far the median grey may move, as a share of black to white.
        min_pixels: smaller masks are the end.

    Raises:
        InputError: a share outside 0 to 1, or a growth below 1.
    """

    min_iou: float = 0.3
    max_growth: float = 2.5
    min_share: float = 0.15
    min_score: float = 0.5
    min_score_share: float = 0.8
    max_grey_change: float = 0.15
    min_pixels: int = 4

    def __post_init__(self) -> None:
        """Check the numbers."""
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "min_pixels" or field.name == "max_growth":
                right, expected = value >= 1, "1 or more"
            else:
                right, expected = 0 <= value <= 1, "a number from 0 to 1"
            if not right:
                raise InputError(field.name, expected=expected, actual=value)


@dataclass(frozen=True, slots=True)
class Measured:
    """One slice's mask, measured.

    Attributes:
        pixels: of the mask.
        score: predicted IoU.
        grey: median grey under the mask, from 0 to 1; 0 for an empty mask.
    """

    pixels: int
    score: float
    grey: float


def broken(
    now: Measured, before: Measured, first: Measured, iou: float, rules: StopRules
) -> str | None:
    """Return which rule a mask breaks, for a person; None where it breaks none.

    Args:
        now: the mask.
        before: the mask of the slice before.
        first: the mask of the slice that was pointed at.
        iou: of `now` and `before`.
        rules: the limits.
    """
    lowest = max(rules.min_score, rules.min_score_share * first.score)
    growth = now.pixels / max(before.pixels, 1)
    change = abs(now.grey - first.grey)
    if now.pixels < rules.min_pixels:
        return "nothing is left of it"
    if now.score < lowest:
        return f"the model is unsure (score {now.score:.2f}, below {lowest:.2f})"
    if iou < rules.min_iou:
        return f"the masks do not agree (IoU {iou:.2f}, below {rules.min_iou:g})"
    if growth > rules.max_growth:
        return f"it grows {growth:.1f} times, more than {rules.max_growth:g}"
    if growth < rules.min_share:
        return f"it shrinks to {growth:.0%}, less than {rules.min_share:.0%}"
    if change > rules.max_grey_change:
        return f"its grey changes by {change:.0%}, more than {rules.max_grey_change:.0%}"
    return None
