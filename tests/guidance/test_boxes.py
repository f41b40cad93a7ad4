from __future__ import annotations

import numpy as np
import pytest

from benchmarks import brute_force
from biprompt.errors import InputError, PromptError
from biprompt.guidance import box_distance_map, crop_to_box


@pytest.mark.parametrize(
    ("box", "pixels"),
    [
        ((3, 2, 9, 7), (3, 2, 8, 6)),
        ((0, 0, 12, 10), (0, 0, 11, 9)),
        ((3.2, 2.9, 8.1, 6.0), (3, 2, 8, 5)),  # every pixel that is touched
        ((5, 5, 6, 6), (5, 5, 5, 5)),
    ],
)
def test_distance_to_the_edge_is_eq_11(
    box: tuple[float, ...], pixels: tuple[int, int, int, int]
) -> None:
    found = box_distance_map(box, (10, 12))
    np.testing.assert_allclose(found, brute_force.box_distance(pixels, (10, 12)), rtol=1e-6)
    assert found.dtype == np.float32
    left, top, right, bottom = pixels
    assert (found[top, left : right + 1] == 128).all() and found[bottom, right] == 128


def test_a_crop_is_what_the_box_touches() -> None:
    image = np.arange(10 * 12 * 3).reshape(10, 12, 3)
    np.testing.assert_array_equal(crop_to_box(image, (3.2, 2.9, 8.1, 6.0)), image[2:6, 3:9])
    np.testing.assert_array_equal(crop_to_box(image[..., 0], (0, 0, 12, 10)), image[..., 0])


@pytest.mark.parametrize("box", [(0, 0, 13, 5), (-1, 0, 5, 5), (5, 5, 5, 9), (1, 2, 3)])
def test_boxes_that_are_none_are_told(box: tuple[float, ...]) -> None:
    with pytest.raises(PromptError, match="box: expected"):
        box_distance_map(box, (10, 12))
    with pytest.raises(PromptError, match="box: expected"):
        crop_to_box(np.zeros((10, 12)), box)


def test_images_and_sizes_that_are_none_are_told() -> None:
    with pytest.raises(InputError, match="image"):
        crop_to_box(np.zeros(12), (0, 0, 1, 1))
    with pytest.raises(InputError, match="size"):
        box_distance_map((0, 0, 1, 1), (0, 4))
