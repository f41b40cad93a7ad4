"""Images with red boxes, and the model that finds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.segmenter.tiles.red import RedRuntime, red_model

from biprompt.segmenter import Segmenter


@pytest.fixture
def runtime() -> RedRuntime:
    return RedRuntime()


@pytest.fixture
def model(runtime: RedRuntime) -> Segmenter:
    return red_model(runtime)


@pytest.fixture
def painted() -> Any:
    """Make an image of grey noise, and a red mask on it from boxes `x0, y0, x1, y1`."""

    def paint(hw: tuple[int, int], *boxes: tuple[int, int, int, int]) -> Any:
        noise = np.random.default_rng(0).integers(80, 120, (*hw, 1), np.uint8)
        image, mask = np.repeat(noise, 3, axis=2), np.zeros(hw, np.bool_)
        for x0, y0, x1, y1 in boxes:
            mask[y0:y1, x0:x1] = True
        image[mask] = (200, 0, 0)
        return image, mask

    return paint


@pytest.fixture
def only_corners_differ() -> Any:
    """Say whether two masks of `boxes` boxes are alike but for the boxes' very corners.

    Between cells a model's mask is interpolated, which rounds them.
    """

    def alike(found: NDArray[np.bool_], mask: NDArray[np.bool_], boxes: int) -> bool:
        return bool((~found | mask).all()) and int((mask & ~found).sum()) <= 4 * boxes

    return alike
