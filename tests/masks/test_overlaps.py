"""Who owns a pixel, on masks drawn by hand; boxes of run lengths against boxes of masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from biprompt.errors import DataError, InputError
from biprompt.masks import bbox_xywh, owners, rle_bbox, rle_encode, without_overlaps


def drawn(*rows: str) -> NDArray[np.bool_]:
    return np.array([[char == "#" for char in row] for row in rows])


LARGE, SMALL, ALONE = drawn("###.", "###."), drawn(".##.", "...."), drawn("....", "...#")


def test_the_higher_score_takes_the_pixel() -> None:
    assert owners([LARGE, SMALL], [0.5, 0.9]).tolist() == [[1, 2, 2, 0], [1, 1, 1, 0]]
    assert owners([LARGE, SMALL], [0.9, 0.5]).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_of_equal_scores_the_earlier_mask_wins_and_nan_loses() -> None:
    assert owners([SMALL, LARGE], [0.5, 0.5]).tolist() == [[2, 1, 1, 0], [2, 2, 2, 0]]
    assert owners([LARGE, SMALL], [float("nan"), -5.0]).tolist() == [[1, 2, 2, 0], [1, 1, 1, 0]]
    assert owners([LARGE, SMALL], [float("nan")] * 2)[0].tolist() == [1, 1, 1, 0]


def test_no_mask_owns_nothing() -> None:
    assert owners(np.zeros((0, 2, 3), bool), []).tolist() == [[0, 0, 0]] * 2


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("keep", [LARGE, SMALL, ALONE]),
        ("highest", [LARGE, drawn("....", "...."), ALONE]),
        ("smaller-on-top", [drawn("#...", "###."), SMALL, ALONE]),
    ],
)
def test_rules(overlap: Any, expected: list[NDArray[np.bool_]]) -> None:
    found = without_overlaps([LARGE, SMALL, ALONE], [0.9, 0.8, 0.1], overlap)
    assert np.array_equal(found, np.stack(expected))


@given(hnp.arrays(bool, (4, 5, 6)), st.lists(st.integers(0, 2), min_size=4, max_size=4))
def test_without_overlaps_every_pixel_has_one_owner_and_none_is_lost(
    masks: NDArray[np.bool_], scores: list[float]
) -> None:
    for overlap in ("highest", "smaller-on-top"):
        found = without_overlaps(masks, scores, overlap)  # type: ignore[arg-type]
        assert np.array_equal(found.sum(axis=0), masks.any(axis=0))
        assert not (found & ~masks).any()


@pytest.mark.parametrize(
    ("masks", "scores", "what"),
    [
        (np.zeros((2, 3), bool), [1, 2], "masks: expected shape"),
        (np.zeros((1, 2, 3), np.uint8), [1], "of uint8"),
        (np.zeros((2, 2, 3), bool), [1], "scores: expected shape"),
    ],
)
def test_wrong_arrays(masks: NDArray[Any], scores: list[float], what: str) -> None:
    with pytest.raises(InputError, match=what):
        owners(masks, scores)


def test_an_unknown_rule() -> None:
    with pytest.raises(InputError, match="keep, highest, smaller-on-top"):
        without_overlaps([LARGE], [1.0], "largest")  # type: ignore[arg-type]


@given(hnp.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_the_box_of_run_lengths_is_the_box_of_the_mask(mask: NDArray[np.bool_]) -> None:
    assert rle_bbox(rle_encode(mask)) == bbox_xywh(mask)


def test_run_lengths_with_empty_runs_in_between() -> None:
    # One zero, one set, no zero, one set ...: columns (0, 1), (1, 0), of height 2.
    assert rle_bbox({"size": [2, 2], "counts": [1, 1, 0, 1, 1]}) == [0, 0, 2, 2]
    assert rle_bbox({"size": [2, 2], "counts": [1, 0, 1, 1, 1]}) == [1, 0, 1, 1]
    assert rle_bbox({"size": [2, 2], "counts": [4]}) == [0, 0, 0, 0]
    with pytest.raises(DataError):
        rle_bbox({"size": [2, 2], "counts": [3]})
