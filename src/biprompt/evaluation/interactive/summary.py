"""What the clicks of all objects amount to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from biprompt.evaluation.interactive.asking import ClickRun
from biprompt.evaluation.interactive.clicking import CLICKS
from biprompt.evaluation.published import Given
from biprompt.metrics import (
    NOC_PERCENTS,
    ClickSums,
    bootstrap_interval,
    click_sums,
    clicks_to_reach,
    mean,
    precision_at,
)

REPORTED_CLICKS = (1, 2, 3, 5, 10, 20)


def summarize(runs: Sequence[ClickRun], clicks: int = CLICKS) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Args:
        runs: records of one contender; either all were told clicks, or all a box.
        clicks: how many clicks were given at most.

    Returns:
        `objects`; `left_out`: objects without a pixel to click on; `told`. Of clicks: `clicks`;
        `noc` by percent of IoU: mean, interval, failures (NoF), none where a single click was
        given; `iou` by number of clicks: mean, interval; `curve`: mean and interval after each
        click from 1; `first`: own pick, best candidate, and the correlation of predicted with true
        IoU. Of a box: `iou`: mean, interval; `reached`: share of objects by percent of IoU.
    """
    kept = [run for run in runs if run.ious]
    told = kept[0].told if kept else Given.CLICKS.value
    found = {"objects": len(kept), "left_out": len(runs) - len(kept), "told": told}
    if told == Given.BOX.value:
        return found | _of_boxes([run.ious[0] for run in kept])
    return found | _of_clicks(kept, clicks)


def _of_boxes(ious: Sequence[float]) -> dict[str, Any]:
    reached = {str(percent): precision_at(ious, percent / 100) for percent in NOC_PERCENTS}
    return {"iou": _mean(ious), "reached": reached}


def _of_clicks(runs: Sequence[ClickRun], clicks: int) -> dict[str, Any]:
    sequences = [run.ious for run in runs]
    sums = click_sums(sequences, clicks)
    curve = [_iou(sums, sequences, k) for k in range(1, clicks + 1)]
    return {
        "clicks": clicks,
        "noc": {str(p): _noc(sums, sequences, p, clicks) for p in NOC_PERCENTS if clicks > 1},
        "iou": {str(k): curve[k - 1] for k in REPORTED_CLICKS if k <= clicks},
        "curve": {
            "mean": [each["mean"] for each in curve],
            "low": [each["interval"][0] for each in curve],
            "high": [each["interval"][1] for each in curve],
        },
        "first": _first(runs),
    }


def _noc(
    sums: ClickSums, sequences: Sequence[Sequence[float]], percent: int, limit: int
) -> dict[str, Any]:
    count = sums.noc(percent)
    each = [clicks_to_reach(ious, percent / 100, limit) or limit for ious in sequences]
    return {
        "mean": count.mean,
        "interval": list(bootstrap_interval(each)),
        "failures": count.failures,
    }


def _iou(sums: ClickSums, sequences: Sequence[Sequence[float]], clicks: int) -> dict[str, Any]:
    each = [ious[min(clicks, len(ious)) - 1] for ious in sequences]
    return {"mean": sums.iou_after(clicks), "interval": list(bootstrap_interval(each))}


def _first(runs: Sequence[ClickRun]) -> dict[str, Any]:
    return {
        "own": _mean([run.ious[0] for run in runs]),
        "best": _mean([max(run.first_ious, default=run.ious[0]) for run in runs]),
        "score_correlation": correlation(
            [score for run in runs for score in run.first_scores],
            [iou for run in runs for iou in run.first_ious],
        ),
    }


def _mean(values: Sequence[float]) -> dict[str, Any]:
    return {"mean": mean(values), "interval": list(bootstrap_interval(values))}


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Pearson's correlation, None where one side does not vary."""
    if len(one) < 2 or any(math.isclose(np.std(x), 0, abs_tol=1e-12) for x in (one, other)):
        return None
    return float(np.corrcoef(one, other)[0, 1])
