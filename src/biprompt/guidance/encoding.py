"""The maps as a network takes them: one choice of encoding, channels about 0 to 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.guidance.distances import LIMIT, disk_map, euclidean_map, gaussian_map
from biprompt.guidance.geodesic import exponential_geodesic_map, geodesic_map
from biprompt.guidance.proposals import region_proposals
from biprompt.guidance.scale_aware import proposal_map, superpixel_map
from biprompt.guidance.seeds import Map, Seeds, checked_seeds
from biprompt.guidance.superpixels import Labels, slic


class Encoding(StrEnum):
    """How clicks become maps."""

    EUCLIDEAN = "euclidean"
    GAUSSIAN = "gaussian"
    SCALE_AWARE = "scale-aware"
    GEODESIC = "geodesic"
    EXPONENTIAL_GEODESIC = "exponential-geodesic"
    DISK = "disk"

    @property
    def channels(self) -> int:
        """How many maps there are: positive and negative, and one of proposals if scale-aware."""
        return 3 if self is Encoding.SCALE_AWARE else 2


_FAR = 2.0
"""Geodesic distance that counts as far, units of colour."""

ENCODINGS = tuple(each.value for each in Encoding)


@dataclass(frozen=True, eq=False)
class GuidedImage:
    """A photograph, with what its maps need and no click changes; that is made once, when needed.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
    """

    pixels: NDArray[np.uint8]

    @cached_property
    def superpixels(self) -> Labels:
        """See `slic`."""
        return slic(self.pixels)

    @cached_property
    def proposals(self) -> NDArray[np.bool_]:
        """See `region_proposals`."""
        return region_proposals(self.pixels, self.superpixels)


def guidance_maps(
    encoding: Encoding | str, image: GuidedImage | NDArray[np.uint8], adding: Seeds, removing: Seeds
) -> NDArray[np.float32]:
    """Return the maps of an encoding, scaled for a network.

    Euclidean and superpixel distances are cut at 255 and divided by it; geodesic distances are cut
    at 2 (black to white and back, in one channel); the proposal map is divided by its maximum.

    Args:
        encoding: which one.
        image: the photograph; a GuidedImage keeps its superpixels for the next clicks.
        adding: (H, W) bool, seeds of what belongs to the thing.
        removing: (H, W) bool, seeds of what does not.

    Returns:
        (channels, H, W) float32 in [0, 1].

    Raises:
        InputError: an unknown encoding, or seeds of another size than the image.
    """
    if encoding not in ENCODINGS:
        raise InputError("encoding", expected=f"one of {', '.join(ENCODINGS)}", actual=encoding)
    known = Encoding(encoding)
    given = image if isinstance(image, GuidedImage) else GuidedImage(image)
    seeds = [checked_seeds(each) for each in (adding, removing)]
    if any(each.shape != given.pixels.shape[:2] for each in seeds):
        expected = f"the size of the image, {given.pixels.shape[:2]}"
        actual = f"{seeds[0].shape} and {seeds[1].shape}"
        raise InputError("seeds", expected=expected, actual=actual)
    maps = [_ONE[known](given, each) for each in seeds]
    if known is Encoding.SCALE_AWARE:
        maps.append(_share(proposal_map(given.proposals, seeds[0])))
    return np.stack(maps)


def _cut(values: Map, limit: float) -> Map:
    return np.asarray(np.minimum(values / limit, 1.0), np.float32)


def _share(values: Map) -> Map:
    return np.asarray(values / max(values.max(), 1.0), np.float32)


_ONE: Mapping[Encoding, Callable[[GuidedImage, Seeds], Map]] = {
    Encoding.EUCLIDEAN: lambda image, seeds: _cut(euclidean_map(seeds), LIMIT),
    Encoding.GAUSSIAN: lambda image, seeds: gaussian_map(seeds),
    Encoding.SCALE_AWARE: lambda image, seeds: _cut(
        superpixel_map(image.superpixels, seeds), LIMIT
    ),
    Encoding.GEODESIC: lambda image, seeds: _cut(geodesic_map(image.pixels, seeds), _FAR),
    Encoding.EXPONENTIAL_GEODESIC: lambda image, seeds: exponential_geodesic_map(
        image.pixels, seeds
    ),
    Encoding.DISK: lambda image, seeds: disk_map(seeds),
}
