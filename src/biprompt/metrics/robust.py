"""Masks where some of what is asked is not there: R-RIS, and the surgical sets' frame scores.

R-RIS (Wu et al. 2022, Towards Robust Referring Image Segmentation) asks for a thing with sentences
that mean it and sentences that mean nothing. Surgical sets are scored frame by frame over all
instruments (Gonzalez et al. 2020, ISINet); R-SIS (Choi and Park 2024) keeps those scores and asks
for every instrument, there or not. An empty truth means that nothing is there, an empty prediction
is a refusal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from biprompt.metrics.accumulate import mean
from biprompt.metrics.functional import Overlap
from biprompt.metrics.merging import NOTHING, ExactSum, Mergeable, merged


@dataclass(frozen=True, slots=True)
class RobustSums(Mergeable):
    """Sums over references, each asked for with several sentences.

    Attributes:
        refused: share refused of the sentences that mean nothing; references without any are left
            out.
        found: mean IoU of the sentences that mean something; references without any are left out.
        robust: IoU over all sentences of a reference: their intersections over their unions, where
            a mask for a sentence that means nothing is all union. 1 where that is empty.
    """

    refused: ExactSum = NOTHING
    found: ExactSum = NOTHING
    robust: ExactSum = NOTHING

    @property
    def mrr(self) -> float:
        """Mean robust recall (mRR); NaN of none."""
        return self.refused.mean

    @property
    def miou(self) -> float:
        """Mean IoU of what is there (mIoU); NaN of none."""
        return self.found.mean

    @property
    def riou(self) -> float:
        """Robust IoU (rIoU); NaN of none."""
        return self.robust.mean


@dataclass(frozen=True, slots=True)
class FrameSums(Mergeable):
    """Sums over frames, each asked for every class.

    Attributes:
        challenge: mean IoU of the classes in the truth, of frames that have any.
        seen: mean IoU of the classes in the truth or the prediction, of frames that have any.
        classes: IoU by class, of frames that have it in the truth or the prediction.
    """

    challenge: ExactSum = NOTHING
    seen: ExactSum = NOTHING
    classes: Mapping[str, ExactSum] = field(default_factory=dict)

    @property
    def ch_iou(self) -> float:
        """Challenge IoU: a class that is not there costs nothing; NaN of none."""
        return self.challenge.mean

    @property
    def isi_iou(self) -> float:
        """ISI IoU: a mask of a class that is not there counts 0; NaN of none."""
        return self.seen.mean

    @property
    def mc_iou(self) -> float:
        """Mean class IoU: as ISI IoU, class by class; NaN of none."""
        return mean(each.mean for each in self.classes.values())


def robust_sums(references: Iterable[Sequence[Overlap]]) -> RobustSums:
    """Sum over references, each the overlaps of its sentences."""
    return merged(map(_reference, references), RobustSums())


def frame_sums(frames: Iterable[Mapping[str, Overlap]]) -> FrameSums:
    """Sum over frames, each the overlaps by class; a class may be left out where both are empty."""
    return merged(map(_frame, frames), FrameSums())


def _reference(sentences: Sequence[Overlap]) -> RobustSums:
    absent = [each for each in sentences if each.truth == 0]
    found = [each for each in sentences if each.truth > 0]
    every = Overlap(
        sum(each.intersection for each in sentences),
        sum(each.prediction for each in sentences),
        sum(each.truth for each in sentences),
    )
    return RobustSums(
        _mean([float(each.prediction == 0) for each in absent]),
        _mean([each.iou for each in found]),
        _mean([every.iou] if sentences else []),
    )


def _frame(classes: Mapping[str, Overlap]) -> FrameSums:
    ious = {name: each.iou for name, each in classes.items() if each.union}
    there = [iou for name, iou in ious.items() if classes[name].truth]
    return FrameSums(
        _mean(there),
        _mean(list(ious.values())),
        {name: ExactSum.of([iou]) for name, iou in ious.items()},
    )


def _mean(values: Sequence[float]) -> ExactSum:
    found = mean(values)
    return ExactSum.of([] if math.isnan(found) else [found])
