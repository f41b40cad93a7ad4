"""Windows and percentiles, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.volume import Modality, Volume
from biprompt.io.medical.windows import (
    PRESETS,
    Window,
    blank,
    grey,
    modality_of,
    parse_window,
    usual_window,
)

# Centres and widths as radiology has them.
USUAL = {"soft-tissue": (40, 400), "lung": (-600, 1500), "bone": (400, 1800), "brain": (40, 80),
         "liver": (30, 150)}  # fmt: skip


def test_presets_by_centre_and_width() -> None:
    found = {n: ((w.low + w.high) / 2, w.high - w.low) for n, w in PRESETS.items()}
    assert found == USUAL


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("Soft Tissue", -160, 240), ("lung", -1350, 150), ("-50,150", -50, 150), ("0.5, 2", 0.5, 2)],
)
def test_windows_as_typed(text: str, low: float, high: float) -> None:
    window = parse_window(text)
    assert (window.low, window.high) == (low, high)


@pytest.mark.parametrize("text", ["", "kidney", "3", "1,2,3", "5,5", "9,1", "nan,2", "0,inf"])
def test_windows_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="window: expected"):
        parse_window(text)


def test_grey_is_linear_between_the_limits() -> None:
    plane = np.array([[-900.0, 0.0, 50.0, 100.0, 4000.0, np.nan]], np.float32)
    seen = grey(plane, Window("own", 0.0, 100.0))
    assert seen.shape == (1, 6, 3) and seen.dtype == np.uint8
    assert seen[0, :, 0].tolist() == [0, 0, 128, 255, 255, 0]
    assert (seen[..., 0] == seen[..., 2]).all()
    turned = grey(plane, Window("own", 0.0, 100.0), inverted=True)
    assert turned[0, :, 0].tolist() == [255, 255, 128, 0, 0, 0]


def volume(values: np.ndarray, modality: Modality = Modality.UNKNOWN) -> Volume:
    return Volume(values, np.eye(4), modality)


def test_modality_is_guessed_only_where_nothing_is_said() -> None:
    low = np.full((3, 3, 3), -1000, np.int16)
    assert modality_of(volume(low)) is Modality.CT
    assert modality_of(volume(low, Modality.MR)) is Modality.MR
    assert modality_of(volume(np.zeros((3, 3, 3)))) is Modality.OTHER


def test_percentiles_leave_out_background_and_what_is_no_number() -> None:
    values = np.zeros((10, 20, 2), np.float32)
    values[..., 1] = np.arange(1, 201).reshape(10, 20)
    values[0, 0, 0] = np.nan
    window = usual_window(volume(values), Modality.MR)
    # 1 % and 99 % of the way from 1 to 200.
    assert (window.low, window.high) == pytest.approx((2.99, 198.01))
    assert usual_window(volume(values), Modality.CT) is PRESETS["soft-tissue"]


def test_a_rare_bright_spot_still_gives_a_window() -> None:
    values = np.ones((10, 10, 10), np.float32)
    values[0, 0, 0] = 9
    window = usual_window(volume(values), Modality.OTHER)
    assert (window.low, window.high) == (1, 9)


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_equal_voxels(value: float) -> None:
    with pytest.raises(ImageError, match="equal voxels everywhere"):
        usual_window(volume(np.full((3, 3, 3), value)), Modality.MR)


@pytest.mark.parametrize(
    ("values", "modality", "said"),
    [
        ([-1000, -990, -501], Modality.CT, "air only, all below -500 HU"),
        ([-1000, -990, -501], Modality.MR, "black only in the window -160 to 240"),
        ([300, 400, 500], Modality.CT, "white only in the window -160 to 240"),
        ([7, 7, 7], Modality.CT, "one value everywhere"),
        ([np.nan, 7, 7], Modality.CT, "one value everywhere"),
        ([-1000, 0, 30], Modality.CT, None),
    ],
)
def test_slices_without_anything_to_see(
    values: list[float], modality: Modality, said: str | None
) -> None:
    plane = np.array([values], np.float32)
    assert blank(plane, PRESETS["soft-tissue"], modality) == said
