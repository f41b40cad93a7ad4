"""Photographs held in memory and dealt out as scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biprompt.data.coco import CocoAnnotation
from biprompt.data.profiles import DatasetProfile
from biprompt.data.scenes import Scene
from biprompt.errors import DataError
from biprompt.training.compact.photos import Folder, Photo
from biprompt.training.compact.regions import region_masks

MAX_OBJECTS = 30
"""Masks taken from one photograph at a time."""
THING_AREA = (0.01, 0.4)
"""Share of its photograph that a thing to be pasted elsewhere covers."""


class SceneBank:
    """Deals scenes from several COCO folders.

    Args:
        folders: as ``load_folders`` gives them.

    Raises:
        DataError: there is no folder.
    """

    def __init__(self, folders: Sequence[Folder]) -> None:
        if not folders:
            raise DataError(
                "training folders", expected="photographs with masks to train on", actual="none"
            )
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
        """One scene, with at most :data:`MAX_OBJECTS` masks and their wholes, perhaps none."""
        folder = self.folders[int(rng.choice(len(self.folders), p=self._chance))]
        photo = folder.photos[int(rng.integers(len(folder.photos)))]
        return scene_of(photo, folder, rng)

    def draw_thing(self, rng: np.random.Generator, tries: int = 8) -> tuple[Scene, int] | None:
        """A scene and the row of a named, whole thing in it, to be pasted elsewhere."""
        low, high = THING_AREA
        for _ in range(tries):
            scene = self.draw(rng)
            area = scene.masks.mean((1, 2))
            facts = zip(scene.labels, scene.things, area, strict=True)
            rows = [
                i for i, (name, thing, a) in enumerate(facts) if name and thing and low < a < high
            ]
            if rows:
                return scene, int(rng.choice(rows))
        return None


def scene_of(photo: Photo, folder: Folder, rng: np.random.Generator) -> Scene:
    """The photograph's scene under the rules of its folder."""
    annotations = [a for a in photo.source.annotations if not a.crowd]
    if folder.regions:
        return _region_scene(photo, annotations, rng)
    annotations, left_out = _some_labels(annotations, rng)
    crowds = {a.label for a in photo.source.annotations if a.crowd}
    profile = folder.profile
    scene = Scene(
        photo.pixels,
        _decode(annotations, photo.source.hw),
        tuple(a.label for a in annotations),
        tuple(profile.is_thing(a.label) for a in annotations),
        tuple(profile.is_many(a.label) for a in annotations),
        folder.known,
        frozenset(crowds | left_out),
    )
    return _with_wholes(scene, profile)


def _some_labels(
    annotations: Sequence[CocoAnnotation], rng: np.random.Generator
) -> tuple[list[CocoAnnotation], set[str]]:
    """Labels by chance until there are :data:`MAX_OBJECTS` masks, and the labels cut short."""
    if len(annotations) <= MAX_OBJECTS:
        return list(annotations), set()
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
    return np.stack([a.mask() for a in annotations])


def _with_wholes(scene: Scene, profile: DatasetProfile) -> Scene:
    """Adds the union of all parts under the name of the whole (garments and skin: a person).

    Where masks of a part are left out, the whole is hidden.
    """
    for whole, parts in profile.wholes.items():
        rows = [i for i, label in enumerate(scene.labels) if label in parts]
        if parts & scene.hidden:
            scene = replace(scene, hidden=scene.hidden | {whole})
        elif rows:
            scene = replace(
                scene,
                masks=np.concatenate((scene.masks, scene.masks[rows].any(0, keepdims=True))),
                labels=(*scene.labels, whole),
                things=(*scene.things, True),
                many=(*scene.many, False),
            )
    return scene


def _region_scene(
    photo: Photo, annotations: Sequence[CocoAnnotation], rng: np.random.Generator
) -> Scene:
    """Masks without names, which are things all the same."""
    none = frozenset[str]()
    masks = region_masks(annotations, rng) if annotations else _decode((), photo.source.hw)
    count = len(masks)
    flags = ((None,) * count, (True,) * count, (False,) * count)
    return Scene(photo.pixels, masks, *flags, none, none)
