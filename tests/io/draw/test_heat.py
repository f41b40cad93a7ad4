"""Heat over a photograph: hottest where the number is greatest, cold where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.io.draw import heat


def test_the_greatest_number_is_the_brightest() -> None:
    image = np.full((40, 60, 3), 100, np.uint8)
    values = np.zeros((4, 6), np.float32)
    values[1, 4] = 7.0
    drawn = heat(image, values)
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    brightness = drawn.astype(int).sum(2)
    row, column = np.unravel_index(brightness.argmax(), brightness.shape)
    assert 10 <= row < 20 and 40 <= column < 50
    # (100 of the photograph and the ramp's ends, at 0.35 and at 0.75 of the colour)
    assert drawn[39, 0].tolist() == [72, 72, 96]
    assert np.array_equal(heat(image, 3 * values), drawn)


def test_nothing_at_all_is_cold_everywhere() -> None:
    drawn = heat(np.zeros((8, 8, 3), np.uint8), np.zeros((2, 2), np.float32))
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("values", [[1.0, 2.0], [[-1.0, 2.0]], [[np.nan, 2.0]]])
def test_what_is_no_map(values: object) -> None:
    with pytest.raises(InputError, match="map: expected shape"):
        heat(np.zeros((8, 8, 3), np.uint8), np.array(values, np.float32))
