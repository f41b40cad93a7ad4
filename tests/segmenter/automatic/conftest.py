"""The drawn image, the model that knows it, and settings that let all of it pass."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from biprompt.segmenter import Segmenter
from biprompt.segmenter.automatic import Automatic

from .drawn import DrawnRuntime, drawing, drawn_segmenter


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return drawing()


@pytest.fixture
def runtime() -> DrawnRuntime:
    return DrawnRuntime()


@pytest.fixture
def model(runtime: DrawnRuntime) -> Segmenter:
    return drawn_segmenter(runtime)


@pytest.fixture
def open_settings() -> Automatic:
    return Automatic(grid=8, predicted_iou=0.5, stability=0.0)
