"""COCO folders decoded into memory, each with what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biprompt.data.coco import CocoDataset, CocoImage, read_coco
from biprompt.data.profiles import DatasetProfile, known_names, profile_for
from biprompt.data.splits import is_validation
from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError
from biprompt.io.images import load_image

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photograph with its annotations."""

    pixels: NDArray[np.uint8]
    """``(H, W, 3)`` RGB."""
    source: CocoImage


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """One data set: its photographs, what is known of it, and how often it is drawn."""

    name: str
    photos: tuple[Photo, ...]
    labels: frozenset[str]
    profile: DatasetProfile
    known: frozenset[str]
    """Names of which the annotations say whether they are there."""
    weight: float

    @property
    def regions(self) -> bool:
        """Whether the masks are regions that nobody named."""
        return self.labels <= load_vocabulary().unnamed


def load_folders(
    root: Path,
    weights: Mapping[str, float],
    *,
    validation: bool,
    most: int | None = None,
    progress: Report = lambda line: None,
) -> list[Folder]:
    """Reads and decodes COCO folders; those without photographs in this part are left out.

    Args:
        root: folder that holds them.
        weights: how often each is drawn, by folder name.
        validation: the part kept aside, or the rest.
        most: photographs to read of each folder; None for all.
        progress: told each folder as it is read.

    Raises:
        DataError: a folder or a file of it is missing or damaged.
        ImageError: a photograph cannot be read.
    """
    folders = []
    for name, weight in weights.items():
        folder = _folder(read_coco(root / name), name, weight, validation, most)
        progress(f"{name}: {len(folder.photos)} photographs")
        if folder.photos:
            folders.append(folder)
    return folders


def _folder(
    dataset: CocoDataset, name: str, weight: float, validation: bool, most: int | None
) -> Folder:
    profile = profile_for(name, dataset.labels)
    chosen = [
        image
        for image in dataset.images
        if image.annotations and is_validation(image.path.name) == validation
    ]
    with ThreadPoolExecutor(2) as pool:
        photos = tuple(pool.map(read_photo, chosen[:most]))
    labels = frozenset(dataset.labels)
    return Folder(name, photos, labels, profile, known_names([profile]), weight)


def read_photo(source: CocoImage) -> Photo:
    """Decodes one photograph.

    Raises:
        ImageError: it cannot be read.
        DataError: it is not of the size that its masks have.
    """
    image = load_image(source.path)
    if image.hw != source.hw:
        raise DataError(
            "photograph",
            expected=f"{source.hw[1]} x {source.hw[0]} pixels, as its masks",
            actual=f"{image.hw[1]} x {image.hw[0]}",
            path=source.path,
        )
    return Photo(image.pixels, source)
