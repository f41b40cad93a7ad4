"""Metrics: sums of one sample (`overlap`), numbers of a whole data set, and how sure they are.

Whole-set numbers are functions of sums, or of per-sample values where a sum will not do. Sums of
parts measured by several processes are added (`merged`), values are put together: both are exact,
so neither order nor division counts.
"""

from __future__ import annotations

from biprompt.metrics.accumulate import (
    ClickCount,
    auroc,
    balanced_threshold,
    clicks_to_reach,
    cumulative_iou,
    mean,
    mean_after_clicks,
    mean_iou,
    number_of_clicks,
    precision_at,
)
from biprompt.metrics.clicking import NOC_PERCENTS, ClickSums, click_sums
from biprompt.metrics.composition import (
    Composed,
    CompositionSums,
    composition_sums,
    gain,
    subsets,
)
from biprompt.metrics.few_shot import FewShotSums, few_shot_sums
from biprompt.metrics.functional import Overlap, overlap, overlap_ious
from biprompt.metrics.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_statistic,
    bootstrap_statistics,
)
from biprompt.metrics.merging import ExactSum, Mergeable, merged
from biprompt.metrics.operating import (
    OperatingCurve,
    PresenceScores,
    matthews_correlation,
    operating_curve,
)
from biprompt.metrics.organs import (
    NONE,
    AnswerCounts,
    OrganSum,
    OrganSums,
    answer_counts,
    organ_sums,
)
from biprompt.metrics.pixels import PixelCounts, pixel_counts
from biprompt.metrics.pointing import HitSums, hit_sums, is_hit
from biprompt.metrics.ratios import known_mean, ratio_intervals
from biprompt.metrics.referring import (
    PERCENTS,
    GeneralisedSums,
    ReferringSums,
    generalised_sums,
    referring_sums,
)
from biprompt.metrics.robust import FrameSums, RobustSums, frame_sums, robust_sums
from biprompt.metrics.semantic import (
    Confusion,
    SeenUnseen,
    confusion,
    harmonic_mean,
    seen_unseen,
)

__all__ = [
    "NOC_PERCENTS",
    "NONE",
    "PERCENTS",
    "AnswerCounts",
    "ClickCount",
    "ClickSums",
    "Composed",
    "CompositionSums",
    "Confusion",
    "ExactSum",
    "FewShotSums",
    "FrameSums",
    "GeneralisedSums",
    "HitSums",
    "Interval",
    "Mergeable",
    "OperatingCurve",
    "OrganSum",
    "OrganSums",
    "Overlap",
    "PixelCounts",
    "PresenceScores",
    "ReferringSums",
    "RobustSums",
    "SeenUnseen",
    "answer_counts",
    "auroc",
    "balanced_threshold",
    "bootstrap_interval",
    "bootstrap_statistic",
    "bootstrap_statistics",
    "click_sums",
    "clicks_to_reach",
    "composition_sums",
    "confusion",
    "cumulative_iou",
    "few_shot_sums",
    "frame_sums",
    "gain",
    "generalised_sums",
    "harmonic_mean",
    "hit_sums",
    "is_hit",
    "known_mean",
    "matthews_correlation",
    "mean",
    "mean_after_clicks",
    "mean_iou",
    "merged",
    "number_of_clicks",
    "operating_curve",
    "organ_sums",
    "overlap",
    "overlap_ious",
    "pixel_counts",
    "precision_at",
    "ratio_intervals",
    "referring_sums",
    "robust_sums",
    "seen_unseen",
    "subsets",
]
