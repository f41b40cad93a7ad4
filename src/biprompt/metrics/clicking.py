"""Interactive segmentation as sums: NoC and NoF at four IoUs, IoU after k clicks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from biprompt.errors import InputError
from biprompt.metrics.accumulate import CLICK_LIMIT, ClickCount, clicks_to_reach
from biprompt.metrics.merging import NOTHING, ExactSum, Mergeable, merged

NOC_PERCENTS = (80, 85, 90, 95)


@dataclass(frozen=True, slots=True)
class ClickSums(Mergeable):
    """Sums over objects, each clicked a limited number of times: `CLICK_LIMIT` in the field.

    Attributes:
        clicks: clicks to reach each of NOC_PERCENTS; a failing object counts the limit.
        failures: objects that never reach each of them.
        ious: IoU after each number of clicks, from 1 to the limit; an object that ended early keeps
            its last.
    """

    clicks: tuple[int, ...] = (0,) * len(NOC_PERCENTS)
    failures: tuple[int, ...] = (0,) * len(NOC_PERCENTS)
    ious: tuple[ExactSum, ...] = (NOTHING,) * CLICK_LIMIT

    @property
    def objects(self) -> int:
        """How many objects were clicked."""
        return self.ious[0].count

    def noc(self, percent: int) -> ClickCount:
        """NoC and NoF at an IoU of NOC_PERCENTS; the mean is NaN of no object."""
        index = NOC_PERCENTS.index(percent)
        mean = self.clicks[index] / self.objects if self.objects else math.nan
        return ClickCount(mean, self.failures[index], self.objects)

    def iou_after(self, clicks: int) -> float:
        """Mean IoU after `clicks` clicks, 1 to the limit; NaN of no object.

        Raises:
            InputError: another number of clicks.
        """
        if not 1 <= clicks <= len(self.ious):
            raise InputError("clicks", expected=f"from 1 to {len(self.ious)}", actual=clicks)
        return self.ious[clicks - 1].mean


def click_sums(sequences: Iterable[Sequence[float]], limit: int = CLICK_LIMIT) -> ClickSums:
    """Sum over objects; sums of one limit can be added.

    Args:
        sequences: for each object, its IoU after each click.
        limit: clicks that count at most.

    Raises:
        InputError: an object without any IoU, or a limit below 1.
    """
    if limit < 1:
        raise InputError("limit of clicks", expected="at least 1", actual=limit)
    nothing = ClickSums(ious=(NOTHING,) * limit)
    return merged((_clicked(ious, limit) for ious in sequences), nothing)


def _clicked(ious: Sequence[float], limit: int) -> ClickSums:
    if not ious:
        raise InputError("IoU after each click", expected="at least one", actual="none")
    needed = [clicks_to_reach(ious, percent / 100, limit) for percent in NOC_PERCENTS]
    return ClickSums(
        tuple(limit if count is None else count for count in needed),
        tuple(int(count is None) for count in needed),
        tuple(ExactSum.of([ious[min(k, len(ious) - 1)]]) for k in range(limit)),
    )
