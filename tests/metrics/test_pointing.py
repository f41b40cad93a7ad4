from __future__ import annotations

import math

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.metrics import HitSums, hit_sums, is_hit

TRUTH = np.array([[0, 1, 1], [0, 0, 1]], bool)


@pytest.mark.parametrize(
    ("confidence", "hit"),
    [
        ([[0, 0.9, 0], [0.5, 0, 0]], True),
        ([[0, 0.2, 0], [0.5, 0, 0]], False),
        ([[0, 0, 0], [0, 0, 0]], False),  # the first pixel among equals
        ([[-9, -3, -8], [-7, -4, -5]], True),
    ],
)
def test_the_most_confident_pixel_decides(confidence: list[list[float]], hit: bool) -> None:
    assert is_hit(np.array(confidence, float), TRUTH) is hit


def test_sums() -> None:
    assert hit_sums([True, False, True]) == HitSums(2, 1)
    assert hit_sums([True, False, True, True]).point_m == 0.75
    assert math.isnan(hit_sums([]).point_m)
    with pytest.raises(InputError, match="confidence: expected shape"):
        is_hit(np.zeros((3, 2)), TRUTH)
