"""Masks for models that start from none: points inside, and the box around."""

from __future__ import annotations

import numpy as np

from biprompt.experts.outlines import inner_points
from biprompt.experts.spatial import Pointed
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt

HW = (40, 80)
FRAME = ModelFrame(HW, HW)


def two_squares() -> np.ndarray:
    """A square of 21 pixels and one of 11, apart."""
    mask = np.zeros(HW, bool)
    mask[10:31, 5:26] = True
    mask[10:21, 60:71] = True
    return mask


def test_points_lie_in_the_middles_of_the_largest_disks() -> None:
    found = inner_points(two_squares(), 2)
    assert found.tolist() == [[15, 20], [65, 15]]  # the middles of the two squares


def test_a_single_pixel_has_one_point() -> None:
    mask = np.zeros(HW, bool)
    mask[39, 79] = True
    assert inner_points(mask).tolist() == [[79, 39]]


def test_a_mask_that_fills_the_image_is_deepest_in_its_middle() -> None:
    ((x, y),) = inner_points(np.ones((41, 41), bool), 1)
    assert (x, y) == (20, 20)


def test_box_and_points_stand_for_a_mask() -> None:
    pointed = Pointed.of(Prompt.build(mask=two_squares()), FRAME, masks=False)
    assert pointed.cells is None and pointed.box is not None and not pointed.is_single
    assert pointed.box.tolist() == [5, 10, 71, 31]
    assert (pointed.labels == 1).all() and [15.5, 20.5] in pointed.xy.tolist()


def test_a_box_that_was_given_stays() -> None:
    prompt = Prompt.build(mask=two_squares(), box=(1, 1, 79, 39), points=[(3, 3)], labels=[0])
    pointed = Pointed.of(prompt, FRAME, masks=False)
    assert pointed.box is not None and pointed.box.tolist() == [1, 1, 79, 39]
    assert pointed.labels.tolist()[0] == 0 and (pointed.labels[1:] == 1).all()


def test_polygon_likewise() -> None:
    square = [(10, 10), (31, 10), (31, 31), (10, 31)]
    pointed = Pointed.of(Prompt.build(polygon=square), FRAME, masks=False)
    assert pointed.box is not None and pointed.box.tolist() == [10, 10, 31, 31]
    assert pointed.xy.tolist()[0] == [20.5, 20.5]
