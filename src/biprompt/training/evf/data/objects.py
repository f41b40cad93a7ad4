"""Objects that are the only one of their kind in their picture, asked for by their bare name.

The second paper's way to use Objects365 (EVF-SAM, Sec. A.2): where a picture shows several of a
category, its name would mean one of them in one sample and another in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.data.faults import Faults
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject
from biprompt.data.sources import Shapes
from biprompt.errors import DataError
from biprompt.training.evf.data.captions import cleaned
from biprompt.training.evf.data.drafts import Draft, drafted
from biprompt.training.evf.data.meaning import Facts
from biprompt.training.evf.data.referring import check_outlines


@dataclass(frozen=True, slots=True, eq=False)
class ObjectDrafts:
    """Pictures with objects of different categories.

    Attributes:
        name: how messages call them.
        pictures: the objects of each picture, each with a label; see `alone_by_picture`.
        most: objects of a picture in one sample; None: all.
    """

    name: str
    pictures: Sequence[tuple[InteractiveObject, ...]]
    most: int | None = 3

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        """Make a sample of some objects of a picture, as `Drafts.draft`."""
        objects = self.pictures[index]
        chosen = [objects[i] for i in rng.permutation(len(objects))[: self.most].tolist()]
        return drafted(
            f"{self.name}/{objects[0].image_id}",
            objects[0].picture,
            [thing.label or "" for thing in chosen],
            [thing.mask() for thing in chosen],
            [None] * len(chosen),
        )

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels of a picture, (H, W, 3) uint8 RGB."""
        return self.pictures[index][0].picture.load().pixels

    @property
    def meanings(self) -> None:
        """Return None: no mosaics are made of them."""
        return None

    def facts(self, index: int) -> Facts | None:
        """Return None: the reader leaves out categories with several objects."""
        return None


def alone_by_picture(
    objects: Iterable[InteractiveObject], faults: Faults
) -> tuple[tuple[InteractiveObject, ...], ...]:
    """Return the objects of each picture that are alone in their category, looked through.

    Labels are written in lower case, as phrases are asked in evaluation.

    Raises:
        DataError: an object without a name or with an outline of two points, where `faults` does
            not take it.
    """
    found: dict[tuple[Picture, int | str], dict[str, list[InteractiveObject]]] = {}
    for thing in faults.each(objects, _usable):
        labels = found.setdefault((thing.picture, thing.image_id), {})
        labels.setdefault(str(thing.label), []).append(thing)
    groups = (
        tuple(things[0] for things in labels.values() if len(things) == 1)
        for labels in found.values()
    )
    return tuple(group for group in groups if group)


def _usable(thing: InteractiveObject) -> Iterator[InteractiveObject]:
    what = f"annotation {thing.object_id}"
    if thing.label is None:
        raise DataError(
            f"{what}: category", expected="one with a name", actual=None, path=thing.picture.path
        )
    if isinstance(thing.target, Shapes):
        check_outlines(thing.target, what)
    yield replace(thing, label=cleaned(thing.label, f"{what}: name of category").lower())
