"""Referring segmentation: cIoU, gIoU, mIoU, P@X, and who says no (RefCOCO, gRefCOCO, ReasonSeg).

A sample is one sentence, not one image. Masks are compared at the original resolution. The
reference code of EVF-SAM and of LISA adds 1e-10 to unions; that is left out here and changes no
number by more than 1e-10 as long as one union of the set is not empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from biprompt.metrics.functional import Overlap
from biprompt.metrics.merging import NOTHING, ExactSum, Mergeable, merged

PERCENTS = (50, 60, 70, 80, 90)


@dataclass(frozen=True, slots=True)
class ReferringSums(Mergeable):
    """Sums over sentences.

    Attributes:
        intersection: pixels, of all sentences.
        union: pixels, of all sentences.
        ious: IoU of each sentence; an empty union counts 1 (survey, section 18).
        reached: sentences whose IoU is at least each of PERCENTS.
    """

    intersection: int = 0
    union: int = 0
    ious: ExactSum = NOTHING
    reached: tuple[int, ...] = (0,) * len(PERCENTS)

    @property
    def sentences(self) -> int:
        """How many sentences were measured."""
        return self.ious.count

    @property
    def ciou(self) -> float:
        """Cumulative IoU, also overall IoU (survey, eq. 18); NaN of no sentence."""
        if self.union == 0:
            return 1.0 if self.sentences else math.nan
        return self.intersection / self.union

    @property
    def giou(self) -> float:
        """Mean IoU over sentences, NaN of none.

        The papers say "over images"; the code behind their numbers weighs each image by its
        sentences. It is also the mIoU of eq. 17 and, with sentences that name nothing in the
        image, the gIoU of eq. 20: an empty mask counts 1 there, any other 0.
        """
        return self.ious.mean

    def precision(self, percent: int) -> float:
        """P@X for an X of PERCENTS: share of sentences with an IoU of X or more; NaN of none.

        As eq. 19 of the survey and LAVT's evaluation; the survey's words ask for more than X.
        """
        reached = self.reached[PERCENTS.index(percent)]
        return reached / self.sentences if self.sentences else math.nan


NO_SENTENCE = ReferringSums()


@dataclass(frozen=True, slots=True)
class GeneralisedSums(Mergeable):
    """Sums over sentences some of which name nothing in their image (GRES, Liu et al. 2023).

    An empty mask is a refusal.

    Attributes:
        every: sums over all sentences, refused or not.
        absent: sentences without a target.
        absent_refused: those of them that were refused.
        present_refused: sentences with a target that were refused.
    """

    every: ReferringSums = NO_SENTENCE
    absent: int = 0
    absent_refused: int = 0
    present_refused: int = 0

    @property
    def n_acc(self) -> float:
        """Share of the sentences without a target that were refused; NaN of none."""
        return self.absent_refused / self.absent if self.absent else math.nan

    @property
    def t_acc(self) -> float:
        """Share of the sentences with a target that were answered; NaN of none."""
        present = self.every.sentences - self.absent
        return (present - self.present_refused) / present if present else math.nan


def referring_sums(overlaps: Iterable[Overlap]) -> ReferringSums:
    """Sum over sentences, each a prediction beside its truth."""
    return merged(map(_sentence, overlaps), NO_SENTENCE)


def generalised_sums(overlaps: Iterable[Overlap], *, empty_below: int = 1) -> GeneralisedSums:
    """Sum over sentences; one whose truth is empty names nothing in the image.

    Args:
        overlaps: pixel counts of each sentence.
        empty_below: masks of fewer pixels are taken as empty.
    """
    return merged((_judged(each, empty_below) for each in overlaps), GeneralisedSums())


def _sentence(sample: Overlap) -> ReferringSums:
    # in whole numbers: 0.7 * union may round to either side of an IoU of exactly 0.7
    share, whole = (100 * sample.intersection, sample.union) if sample.union else (100, 1)
    return ReferringSums(
        sample.intersection,
        sample.union,
        ExactSum.of([sample.iou]),
        tuple(int(share >= percent * whole) for percent in PERCENTS),
    )


def _judged(sample: Overlap, empty_below: int) -> GeneralisedSums:
    refused = sample.prediction < empty_below
    seen = Overlap(0, 0, sample.truth) if refused else sample
    absent = sample.truth == 0
    return GeneralisedSums(
        _sentence(seen), int(absent), int(absent and refused), int(refused and not absent)
    )
