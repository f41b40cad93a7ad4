"""What one question gave, and the pixel counts that its metrics take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biprompt.metrics import Overlap


@dataclass(frozen=True, slots=True)
class ReferringRun:
    """What one question gave.

    Attributes:
        key: of the question.
        split: part of the data set.
        image: questions of one image share it.
        phrase: the words as they were asked.
        label: class, empty where the data set names none.
        same: things of the class that the data set outlines in the image, None for not told.
        intersection: pixels of mask and target; these three whatever the presence.
        prediction: pixels of the mask.
        truth: pixels of the target.
        pixels: of the image that count.
        refused: whether the model would say that it is not there.
        presence: 0 to 1, or None.
        understood: False where no word means anything to the model, None where it cannot tell.
        hit: whether the surest pixel lies on the target, None without a target or where that pixel
            does not count.
        unread: why the words could not be asked, empty where they were.
        asked: False where the image shows nothing of the class, so that the question is left out.
    """

    key: str
    split: str
    image: str
    phrase: str
    label: str
    same: int | None
    intersection: int
    prediction: int
    truth: int
    pixels: int
    refused: bool
    presence: float | None = None
    understood: bool | None = None
    hit: bool | None = None
    unread: str = ""
    asked: bool = True

    def overlap(self, *, refusing: bool) -> Overlap:
        """Return the pixel counts; a refusal, where it counts, is an empty mask."""
        if refusing and self.refused:
            return Overlap(0, 0, self.truth)
        return Overlap(self.intersection, self.prediction, self.truth)


def by_image(runs: Sequence[ReferringRun]) -> tuple[list[int], int]:
    """Return the number of each record's image, from 0 in the order of the records; and how many.

    Args:
        runs: records.
    """
    numbers: dict[str, int] = {}
    return [numbers.setdefault(run.image, len(numbers)) for run in runs], len(numbers)
