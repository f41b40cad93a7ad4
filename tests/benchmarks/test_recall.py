"""Recall of things by masks nobody asked for, worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from benchmarks.recall import FIRST, Recalled, average_recall, summed


def test_average_recall_counts_thresholds_reached() -> None:
    # .50 reaches one of ten thresholds, .95 all, .49 none
    assert average_recall(np.array([0.5, 0.95, 0.49])) == pytest.approx((1 + 10 + 0) / 30)
    assert average_recall(np.array([0.55])) == pytest.approx(0.2)
    assert math.isnan(average_recall(np.array([])))


def test_recall_over_photographs_counts_every_thing_once() -> None:
    ious = np.zeros((FIRST + 1, 2))
    ious[0, 0], ious[FIRST, 1] = 0.6, 0.95  # the second is found by the last mask only
    one = Recalled(ious, np.array([0.005, 0.5]))
    none = Recalled(np.zeros((0, 1)), np.array([0.05]))
    told = summed([one, none])
    assert told["R at .5"] == pytest.approx(2 / 3)
    assert told["R at .75"] == pytest.approx(1 / 3)
    assert told["AR"] == pytest.approx((3 + 10 + 0) / 30)
    assert told[f"AR@{FIRST}"] == pytest.approx(3 / 30)
    assert (told["small"], told["middle"], told["large"]) == pytest.approx((0.3, 0.0, 1.0))
    assert told["masks"] == (FIRST + 1) / 2
