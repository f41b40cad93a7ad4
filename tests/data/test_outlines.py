from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from biprompt.data.outlines import coco_fill, opencv_fill, pillow_fill
from biprompt.errors import DataError

FILLERS = [coco_fill, opencv_fill, pillow_fill]


def corners(low: float, high: float, whole: bool = False) -> st.SearchStrategy[Any]:
    number = st.integers(int(low), int(high)) if whole else st.floats(low, high)
    return st.lists(st.tuples(number, number), min_size=3, max_size=10)


@settings(deadline=None, max_examples=120)
@given(corners(-20, 60), st.integers(1, 40), st.integers(1, 40))
def test_coco_fill_is_that_of_pycocotools(xy: Any, height: int, width: int) -> None:
    flat = [float(value) for corner in xy for value in corner]
    expected = coco.decode(coco.frPyObjects([flat], height, width))[:, :, 0]
    np.testing.assert_array_equal(coco_fill(xy, (height, width)), expected.astype(bool))


@settings(deadline=None, max_examples=120)
@given(corners(0, 29, whole=True))
def test_opencv_fill_is_that_of_opencv(xy: Any) -> None:
    cv2 = pytest.importorskip("cv2")
    expected = np.zeros((30, 30), np.uint8)
    points = np.array([xy], np.int32)
    cv2.polylines(expected, points, True, 1, 1)
    cv2.fillPoly(expected, points, 1)
    np.testing.assert_array_equal(opencv_fill(xy, (30, 30)), expected > 0)


def test_three_rules_fill_one_square_differently() -> None:
    square = [(1, 1), (3, 1), (3, 3), (1, 3)]
    inside = np.zeros((5, 5), bool)
    inside[1:3, 1:3] = True
    with_border = np.zeros((5, 5), bool)
    with_border[1:4, 1:4] = True
    np.testing.assert_array_equal(coco_fill(square, (5, 5)), inside)
    np.testing.assert_array_equal(opencv_fill(square, (5, 5)), with_border)
    np.testing.assert_array_equal(pillow_fill(square, (5, 5)), with_border)


@pytest.mark.parametrize("fill", FILLERS)
@pytest.mark.parametrize(
    "xy", [[], [1, 2, 3], [[0, 0, 0]], [["a", "b"]], [[0, np.nan]], [[0, 1e9]]]
)
def test_what_is_no_outline_is_refused(fill: Any, xy: Any) -> None:
    with pytest.raises(DataError, match="polygon"):
        fill(xy, (4, 4))


@pytest.mark.parametrize("fill", FILLERS)
def test_outlines_off_the_image_fill_nothing(fill: Any) -> None:
    far = [(100, 100), (120, 100), (120, 130)]
    assert not fill(far, (7, 9)).any()
    assert fill(far, (7, 9)).shape == (7, 9)


@pytest.mark.parametrize("fill", [opencv_fill, coco_fill])
def test_one_corner_is_a_point_or_nothing(fill: Any) -> None:
    assert fill([(2, 1)], (4, 4)).sum() <= 1
