"""Photographs held in memory and dealt out as scenes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.data.coco import CocoAnnotation, CocoDataset, CocoImage, read_coco
from biprompt.data.profiles import DatasetProfile, known_names, profile_for
from biprompt.data.scenes import Scene
from biprompt.data.splits import is_validation
from biprompt.data.vocabulary import load_vocabulary
from biprompt.masks import components, rle_decode

MAX_OBJECTS = 30
"""Masks taken from one photograph at a time, all of a label or none."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photograph with its annotations."""

    pixels: NDArray[np.uint8]
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


class SceneBank:
    """Deals scenes from several COCO folders.

    Args:
        folders: as :func:`load_folders` gives them.
    """

    def __init__(self, folders: Sequence[Folder]) -> None:
        self.folders = tuple(folders)
        total = sum(folder.weight for folder in self.folders)
        self._chance = np.array([folder.weight / total for folder in self.folders])

    @property
    def labels(self) -> frozenset[str]:
        """Every label of every folder."""
        return frozenset[str]().union(*(folder.labels for folder in self.folders))

    def __len__(self) -> int:
        return sum(len(folder.photos) for folder in self.folders)

    def draw(self, rng: np.random.Generator) -> Scene:
        """One scene, with at most :data:`MAX_OBJECTS` masks (at least one)."""
        folder = self.folders[int(rng.choice(len(self.folders), p=self._chance))]
        photo = folder.photos[int(rng.integers(len(folder.photos)))]
        return scene_of(photo, folder, rng)

    def draw_thing(self, rng: np.random.Generator, tries: int = 8) -> tuple[Scene, int] | None:
        """A scene and the row of a named, whole thing in it, to be pasted elsewhere."""
        for _ in range(tries):
            scene = self.draw(rng)
            area = scene.masks.mean((1, 2))
            rows = [
                i for i, (label, thing) in enumerate(zip(scene.labels, scene.things, strict=True))
                if label and thing and 0.01 < area[i] < 0.4
            ]  # fmt: skip
            if rows:
                return scene, int(rng.choice(rows))
        return None


def scene_of(photo: Photo, folder: Folder, rng: np.random.Generator) -> Scene:
    """The photograph's scene under the rules of its folder."""
    annotations = [a for a in photo.source.annotations if not a.crowd]
    if folder.regions:
        return _region_scene(photo, annotations, rng)
    hidden = {a.label for a in photo.source.annotations if a.crowd}
    if len(annotations) > MAX_OBJECTS:
        annotations, left_out = _some_labels(annotations, rng)
        hidden |= left_out
    profile = folder.profile
    scene = Scene(
        photo.pixels, _decode(annotations, photo.source.hw),
        tuple(a.label for a in annotations),
        tuple(profile.is_thing(a.label) for a in annotations),
        tuple(profile.is_many(a.label) for a in annotations),
        folder.known, frozenset(hidden),
    )  # fmt: skip
    return _with_wholes(scene, profile)


def _some_labels(
    annotations: Sequence[CocoAnnotation], rng: np.random.Generator
) -> tuple[list[CocoAnnotation], set[str]]:
    """Labels by chance until :data:`MAX_OBJECTS` masks are reached, and the labels left out."""
    labels = sorted({a.label for a in annotations})
    kept: list[CocoAnnotation] = []
    left_out = set()
    for i in rng.permutation(len(labels)):
        mine = [a for a in annotations if a.label == labels[i]]
        if len(kept) + len(mine) > MAX_OBJECTS:
            left_out.add(labels[i])
            mine = [mine[k] for k in rng.permutation(len(mine))[: MAX_OBJECTS - len(kept)]]
        kept += mine
    return kept, left_out


def _decode(annotations: Sequence[CocoAnnotation], hw: tuple[int, int]) -> NDArray[np.bool_]:
    if not annotations:
        return np.zeros((0, *hw), np.bool_)
    return np.stack([rle_decode(a.rle) for a in annotations])


def _with_wholes(scene: Scene, profile: DatasetProfile) -> Scene:
    """Adds the union of all parts under the name of the whole (garments and skin: a person)."""
    for whole, parts in profile.wholes.items():
        rows = [i for i, label in enumerate(scene.labels) if label in parts]
        if rows:
            union = scene.masks[rows].any(0)
            scene = Scene(
                scene.image, np.concatenate((scene.masks, union[None])), (*scene.labels, whole),
                (*scene.things, True), (*scene.many, False), scene.known, scene.hidden,
            )  # fmt: skip
    return scene


def _region_scene(
    photo: Photo, annotations: Sequence[CocoAnnotation], rng: np.random.Generator
) -> Scene:
    """One annotator's regions, and unions of regions that touch."""
    people = sorted({a.extra.get("annotator", 0) for a in annotations})
    person = people[int(rng.integers(len(people)))]
    own = [a for a in annotations if a.extra.get("annotator", 0) == person]
    regions = _decode(own, photo.source.hw)
    masks = [_grown(regions, rng) for _ in range(6)]
    few = regions[rng.permutation(len(regions))[:6]]
    stacked = np.concatenate((np.stack(masks), few))
    names: tuple[str | None, ...] = (None,) * len(stacked)
    count, none = len(stacked), frozenset[str]()
    return Scene(photo.pixels, stacked, names, (True,) * count, (False,) * count, none, none)


def _grown(regions: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """A region joined with one to four that touch it."""
    union = regions[int(rng.integers(len(regions)))].copy()
    for _ in range(int(rng.integers(1, 5))):
        around = union.copy()
        around[1:] |= union[:-1]
        around[:-1] |= union[1:]
        around[:, 1:] |= union[:, :-1]
        around[:, :-1] |= union[:, 1:]
        edge = around & ~union
        touch = (regions & edge).sum((1, 2))
        if not touch.any():
            break
        union |= regions[int(rng.choice(len(regions), p=touch / touch.sum()))]
    return union


def connected_part(
    mask: NDArray[np.bool_], rng: np.random.Generator, least: int
) -> NDArray[np.bool_]:
    """One connected part of a mask, by chance, among those of ``least`` pixels or more."""
    labels, count = components(mask)
    if count <= 1:
        return mask
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    rows = np.flatnonzero(area >= least)
    return labels == 1 + int(rng.choice(rows)) if len(rows) else mask


def load_folders(
    root: Path,
    weights: dict[str, float],
    *,
    validation: bool,
    progress: Callable[[str], None] = lambda line: None,
) -> list[Folder]:
    """Reads and decodes COCO folders.

    Args:
        root: folder that holds them.
        weights: how often each is drawn, by folder name.
        validation: the part kept aside, or the rest.
        progress: told each folder as it is read.

    Raises:
        DataError: a folder or a file of it is missing or damaged.
    """
    folders = []
    for name, weight in weights.items():
        dataset = read_coco(root / name)
        photos = _photos(dataset, validation)
        progress(f"{name}: {len(photos)} photographs")
        if photos:
            profile = profile_for(name, dataset.labels)
            known = known_names([profile])
            labels = frozenset(dataset.labels)
            folders.append(Folder(name, photos, labels, profile, known, weight))
    return folders


def _photos(dataset: CocoDataset, validation: bool) -> tuple[Photo, ...]:
    chosen = [
        image for image in dataset.images
        if image.annotations and is_validation(image.path.name) == validation
    ]  # fmt: skip
    with ThreadPoolExecutor(2) as pool:
        return tuple(pool.map(_photo, chosen))


def _photo(source: CocoImage) -> Photo:
    with Image.open(source.path) as image:
        return Photo(np.asarray(image.convert("RGB")), source)
