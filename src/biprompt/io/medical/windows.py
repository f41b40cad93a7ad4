"""From numbers to grey: windows for CT, percentiles for everything else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError, InputError
from biprompt.io.medical.volume import Modality, Volume

AIR_HU = -500.0
"""A CT slice that stays below this many Hounsfield units shows air only."""

CT_BELOW = -200.0
"""A NIfTI volume with values below this is taken as CT: other modalities have no such values."""

PERCENTILES = (1.0, 99.0)


@dataclass(frozen=True, slots=True)
class Window:
    """The values shown as black and as white; in between the grey is linear.

    Attributes:
        name: of a preset, "percentiles", or "own".
        low: black, and everything below.
        high: white, and everything above.

    Raises:
        InputError: not two finite numbers, the first lower.
    """

    name: str
    low: float
    high: float

    def __post_init__(self) -> None:
        """Check the limits."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            actual = f"{self.low:g},{self.high:g}"
            raise InputError("window", expected="LOW,HIGH with LOW < HIGH", actual=actual)


# Of the usual centres and widths: 40/400, -600/1500, 400/1800, 40/80 and 30/150 HU.
PRESETS = {
    window.name: window
    for window in (
        Window("soft-tissue", -160.0, 240.0),
        Window("lung", -1350.0, 150.0),
        Window("bone", -500.0, 1300.0),
        Window("brain", 0.0, 80.0),
        Window("liver", -45.0, 105.0),
    )
}
"""Windows for CT by name, in Hounsfield units."""


def parse_window(text: str) -> Window:
    """Return the window of a preset's name or of `LOW,HIGH`.

    Raises:
        InputError: neither.
    """
    name = text.strip().lower().replace(" ", "-").replace("_", "-")
    if name in PRESETS:
        return PRESETS[name]
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        expected = f"{', '.join(PRESETS)}, or LOW,HIGH"
        raise InputError("window", expected=expected, actual=repr(text)) from None
    return Window("own", low, high)


def modality_of(volume: Volume) -> Modality:
    """Return the modality; where the file does not say, guess it from the values.

    A volume with values below `CT_BELOW` is CT. Reads the whole volume for that.
    """
    if volume.modality is not Modality.UNKNOWN:
        return volume.modality
    values = np.asarray(volume.voxels[:, :, :])
    return Modality.CT if np.nanmin(values) < CT_BELOW else Modality.OTHER


def usual_window(volume: Volume, modality: Modality) -> Window:
    """Return the window a volume is looked at in when nobody says otherwise.

    CT: soft tissue. Everything else: from the 1st to the 99th percentile of all finite voxels of
    the volume other than 0, which is background; so equal tissue is equally grey in every slice.

    Raises:
        ImageError: all voxels are equal.
    """
    if modality is Modality.CT:
        return PRESETS["soft-tissue"]
    values = np.asarray(volume.voxels[:, :, :])
    inside = values[np.isfinite(values) & (values != 0)]
    if inside.size == 0 or inside.min() == inside.max():
        raise ImageError("volume", expected="something to see", actual="equal voxels everywhere")
    low, high = (float(value) for value in np.percentile(inside, PERCENTILES))
    if low == high:
        low, high = float(inside.min()), float(inside.max())
    return Window("percentiles", low, high)


def grey(
    plane: NDArray[np.floating], window: Window, *, inverted: bool = False
) -> NDArray[np.uint8]:
    """Return a slice as an image.

    Args:
        plane: (H, W) values; what is no number is black.
        window: black and white.
        inverted: low values are bright.

    Returns:
        (H, W, 3) uint8, grey.
    """
    share = np.clip((plane - window.low) / (window.high - window.low), 0.0, 1.0)
    share = np.nan_to_num(1.0 - share if inverted else share)
    return np.repeat((255.0 * share + 0.5).astype(np.uint8)[:, :, None], 3, axis=2)


def blank(plane: NDArray[np.floating], window: Window, modality: Modality) -> str | None:
    """Return in a few words why there is nothing to see on a slice; None where there is."""
    finite = plane[np.isfinite(plane)]
    if finite.size == 0 or finite.min() == finite.max():
        return "one value everywhere"
    if modality is Modality.CT and finite.max() < AIR_HU:
        return f"air only, all below {AIR_HU:g} HU"
    if finite.max() <= window.low or finite.min() >= window.high:
        side = "black" if finite.max() <= window.low else "white"
        return f"{side} only in the window {window.low:g} to {window.high:g}"
    return None
