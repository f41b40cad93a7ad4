"""Metrics: sums of one sample (`overlap`), numbers of a whole data set, and how sure they are.

Whole-set numbers are functions of per-sample values. Parts measured by several processes are
merged by putting their samples together: sums are exact, so neither order nor division counts.
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
from biprompt.metrics.functional import Overlap, overlap, overlap_ious
from biprompt.metrics.intervals import Interval, bootstrap_interval, bootstrap_statistic

__all__ = [
    "ClickCount",
    "Interval",
    "Overlap",
    "auroc",
    "balanced_threshold",
    "bootstrap_interval",
    "bootstrap_statistic",
    "clicks_to_reach",
    "cumulative_iou",
    "mean",
    "mean_after_clicks",
    "mean_iou",
    "number_of_clicks",
    "overlap",
    "overlap_ious",
    "precision_at",
]
