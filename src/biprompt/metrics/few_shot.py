"""Few-shot segmentation: mIoU over classes and FB-IoU over episodes (PASCAL-5i, COCO-20i)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from biprompt.metrics.accumulate import mean
from biprompt.metrics.merging import Mergeable, merged
from biprompt.metrics.pixels import PixelCounts


@dataclass(frozen=True, slots=True)
class FewShotSums(Mergeable):
    """Sums over the episodes of one fold.

    Attributes:
        classes: pixels of all queries of each class, by name.
    """

    classes: Mapping[str, PixelCounts] = field(default_factory=dict)

    @property
    def class_ious(self) -> dict[str, float]:
        """Foreground IoU by class: all intersections over all unions of its queries."""
        return {name: counts.foreground_iou for name, counts in self.classes.items()}

    @property
    def miou(self) -> float:
        """Mean over the classes of the fold; NaN where one class has no pixel, or of none."""
        return mean(self.class_ious.values())

    @property
    def fb_iou(self) -> float:
        """Mean of foreground and background IoU, classes put together; NaN of none."""
        return merged(self.classes.values(), PixelCounts()).fb_iou


def few_shot_sums(episodes: Iterable[tuple[str, PixelCounts]]) -> FewShotSums:
    """Sum over episodes: the class asked for, and the pixels of its query."""
    return merged((FewShotSums({name: counts}) for name, counts in episodes), FewShotSums())
