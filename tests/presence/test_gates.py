"""Two gates, and presence from how a mask looks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.presence.calibration import Logistic
from biprompt.presence.gates import (
    SIGNS,
    Signs,
    both_gates,
    compactness,
    estimate_presence,
    packaged_estimate,
)


def disc(radius: int) -> np.ndarray:
    y, x = np.mgrid[-radius - 2 : radius + 3, -radius - 2 : radius + 3]
    return np.asarray(x * x + y * y <= radius * radius)


def test_both_have_to_pass_and_the_reason_says_which_did_not():
    assert both_gates(0.9, 0.8).passed
    assert both_gates(0.9, 0.8).probability == pytest.approx(0.72)
    text, image = both_gates(0.4, 0.9), both_gates(0.9, 0.4)
    assert not text.passed and "names no known thing" in text.reason
    assert not image.passed and "not in this image" in image.reason
    assert both_gates(0.4, 0.9, named_from=0.3).passed
    assert not both_gates(0.9, 0.8, seen_from=0.85).passed
    assert "estimated" in both_gates(0.9, 0.8, estimated=True).reason


@pytest.mark.parametrize("values", [(1.2, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_what_is_no_probability(values):
    with pytest.raises(InputError, match="from 0 to 1"):
        both_gates(*values)


def test_compactness_by_hand():
    assert compactness(np.zeros((5, 5), bool)) == 0
    assert compactness(disc(60)) == pytest.approx(1, abs=0.03)
    # A row of 100 pixels: area 100, 202 edges.
    row = np.zeros((5, 102), bool)
    row[2, 1:101] = True
    assert compactness(row) == pytest.approx(4 * math.pi * 100 / (202 * math.pi / 4) ** 2)
    # It goes to the edge of the image, which is an edge of the mask.
    assert compactness(row[2:3, 1:101]) == pytest.approx(compactness(row))


def test_the_estimate_is_the_sigmoid_of_the_signs():
    signs = Signs.of(disc(10), agreement=0.5, predicted_iou=0.8, similarity=0.9)
    area = disc(10).mean()
    by_hand = 0.5 + 2 * math.log10(area) + 3 * compactness(disc(10)) + 4 * 0.8 + 5 * 0.9 - 6
    estimate = Logistic(SIGNS, (1.0, 2.0, 3.0, 4.0, 5.0), -6.0)
    assert estimate_presence(signs, estimate) == pytest.approx(1 / (1 + math.exp(-by_hand)))


def test_an_empty_mask_is_not_there():
    nothing = Signs.of(np.zeros((4, 4), bool), agreement=1.0, predicted_iou=1.0)
    assert estimate_presence(nothing, Logistic(SIGNS, (0.0,) * 5, 9.0)) == 0


def test_the_packages_estimate_grows_with_what_the_expert_thinks_of_its_mask():
    low, high = (Signs.of(disc(30), agreement=0.7, predicted_iou=s) for s in (0.2, 0.9))
    assert estimate_presence(low) < estimate_presence(high)
    assert packaged_estimate().names == SIGNS
