from __future__ import annotations

import math

import numpy as np
import pytest

from biprompt.metrics import NONE, Overlap, answer_counts, organ_sums

CASES = [
    ("liver", Overlap(8, 10, 10)),
    ("liver", Overlap(30, 30, 30)),
    ("spleen", Overlap(0, 4, 0)),
]
ANSWERS = [
    *[("liver", "liver")] * 3,
    ("liver", "spleen"),
    ("spleen", NONE),
    *[(NONE, NONE)] * 2,
    (NONE, "liver"),
]


def test_dice_by_hand() -> None:
    found = organ_sums(CASES)
    liver = found.organs["liver"]
    assert liver.dice == pytest.approx((0.8 + 1) / 2)
    assert liver.pooled_dice == 2 * 38 / 80
    assert found.organs["spleen"].dice == 0
    assert found.dice == pytest.approx(0.45)  # organs weigh the same, whatever their cases


def test_two_empty_masks_agree_and_no_case_is_nan() -> None:
    empty = organ_sums([("liver", Overlap(0, 0, 0))]).organs["liver"]
    assert empty.dice == empty.pooled_dice == 1
    assert math.isnan(organ_sums([]).dice)


def test_answers_by_hand() -> None:
    found = answer_counts(ANSWERS)
    np.testing.assert_array_equal(
        found.matrix(["liver", "spleen", NONE]), [[3, 1, 0], [0, 0, 1], [1, 0, 2]]
    )
    assert found.accuracy == 5 / 8
    assert (found.n_acc, found.t_acc) == (2 / 3, 4 / 5)


def test_without_a_kind_its_accuracy_is_nan() -> None:
    assert math.isnan(answer_counts([("liver", "liver")]).n_acc)
    assert math.isnan(answer_counts([(NONE, NONE)]).t_acc)
    assert math.isnan(answer_counts([]).accuracy)
