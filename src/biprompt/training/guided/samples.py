"""Training samples: one object and a crop round it.

A sample depends on ``(seed, index)`` alone: a resumed run sees what it would have seen, and runs
that differ in encoding or fusion see the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biprompt.data.coco import CocoImage, read_coco
from biprompt.data.crops import draw_crop, take_crop
from biprompt.data.mixing import jitter_colour
from biprompt.data.profiles import DatasetProfile, profile_for
from biprompt.data.scenes import Scene
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.training.compact.photos import read_photo
from biprompt.training.compact.regions import connected_part

LEAST_PIXELS = 96
"""Smallest target in a crop: six cells of 4x4 pixels."""
MAX_TRIES = 300
"""Objects in a row that are too small, after which the data are to blame."""


class Sample(NamedTuple):
    """One object: ``image`` (S, S, 3) uint8 RGB, ``target`` (S, S) bool, not empty."""

    image: NDArray[np.uint8]
    target: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Source:
    """A folder's photographs, which are read when they are drawn."""

    images: tuple[CocoImage, ...]
    profile: DatasetProfile
    weight: float


def read_sources(root: Path, folders: Mapping[str, float], *, validation: bool) -> list[Source]:
    """Read the annotations of COCO folders; no pixels.

    Args:
        root: folder that holds them.
        folders: how often each is drawn, by name.
        validation: the part kept aside, or the rest.

    Raises:
        DataError: a folder or its annotations are missing or damaged, or nothing is left.
    """
    found = []
    for name, weight in folders.items():
        dataset = read_coco(root / name)
        images = tuple(
            image
            for image in dataset.images
            if image.annotations and is_validation(image.path.name) == validation
        )
        if images:
            found.append(Source(images, profile_for(name, dataset.labels), weight))
    if not found:
        raise DataError("folders", expected="photographs with masks", actual="none", path=root)
    return found


class ClickSamples:
    """Endless samples by index.

    Args:
        sources: where objects come from.
        size: side of the crop, pixels.
        seed: first half of every sample's seed; the index is the other.
    """

    def __init__(self, sources: list[Source], size: int, *, seed: int) -> None:
        self.sources, self.size, self.seed = sources, size, seed
        weights = np.array([source.weight for source in sources])
        self._chance = weights / weights.sum()

    def __getitem__(self, index: int) -> Sample:
        """The sample.

        Raises:
            DataError: no object seems to be large enough.
            ImageError: a photograph cannot be read.
        """
        rng = np.random.default_rng((self.seed, index))
        for _ in range(MAX_TRIES):
            sample = self._drawn(rng)
            if sample is not None:
                return sample
        expected = f"objects of {LEAST_PIXELS} pixels in crops of {self.size}"
        actual = f"none in {MAX_TRIES} tries"
        raise DataError("training photographs", expected=expected, actual=actual)

    def _drawn(self, rng: np.random.Generator) -> Sample | None:
        source = self.sources[int(rng.choice(len(self.sources), p=self._chance))]
        image = source.images[int(rng.integers(len(source.images)))]
        chosen = image.annotations[int(rng.integers(len(image.annotations)))]
        if chosen.crowd:
            return None
        mask = chosen.mask()
        if not source.profile.is_thing(chosen.label):
            mask = connected_part(mask, rng, LEAST_PIXELS)
        if mask.sum() < LEAST_PIXELS:
            return None
        none = frozenset[str]()
        scene = Scene(read_photo(image).pixels, mask[None], (None,), (True,), (False,), none, none)
        cut = take_crop(scene, draw_crop(scene, mask, self.size, rng))
        if cut.masks[0].sum() < LEAST_PIXELS:
            return None
        return Sample(jitter_colour(cut.image, rng), cut.masks[0])
