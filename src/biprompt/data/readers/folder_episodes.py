"""Few-shot episodes of a labelled folder in COCO layout.

::

    root/instances.json                        root/images/*.jpg

Every image of every class is a query once, and other images of the folder show its class. A
class's mask is the union of its objects in the image; a crowd is ignored, not part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from biprompt.data.coco import CocoAnnotation, CocoImage, read_coco
from biprompt.data.pictures import Picture
from biprompt.data.readers._episodes import Episodes, grouped
from biprompt.data.readers._files import Layout
from biprompt.data.samples import EpisodeSample, SampleSet, Shot
from biprompt.data.sources import Shapes
from biprompt.data.splits import is_validation
from biprompt.masks import Rle

SPLITS = ("all", "validation")


@dataclass(frozen=True, slots=True, eq=False)
class ObjectShots:
    """The images of a folder, by name.

    Attributes:
        images: by file name.
        labels: the classes' names.
    """

    images: Mapping[str, CocoImage]
    labels: tuple[str, ...]

    def shot(self, name: str, class_id: int) -> Shot:
        """Return an image with all objects of a class."""
        image, label = self.images[name], self.labels[class_id]
        found = [each for each in image.annotations if each.label == label]
        ignored = tuple(_ignored(found))
        return Shot(
            Picture(image.path),
            name,
            Shapes(image.hw, (), tuple(a.rle for a in found if not a.crowd), path=image.path),
            Shapes(image.hw, (), ignored, path=image.path) if ignored else None,
        )


def read_folder_episodes(
    name: str, root: str | Path, split: str, *, shots: int = 1, seed: int = 0
) -> SampleSet[EpisodeSample]:
    """Read the episodes of a folder; a class of a single image makes none. Classes take turns.

    Args:
        name: how `biprompt data` lists it.
        root: the folder.
        split: "all", or "validation": the images that are kept out of training.
        shots: examples in each episode, as far as the class has other images.
        seed: fixes the examples.

    Raises:
        DataError: as in `data.coco.read_coco`.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    images = {
        image.path.name: image
        for image in read_coco(layout.root).images
        if split == "all" or is_validation(image.path.name)
    }
    pairs = [(key, label) for key, image in images.items() for label in _shown(image)]
    labels = tuple(sorted({label for _, label in pairs}))
    by_class = grouped((key, labels.index(label)) for key, label in pairs)
    several = {index: names for index, names in by_class.items() if len(names) > 1}
    turns = max(map(len, several.values()), default=0)
    queries = tuple(
        (names[turn], index)
        for turn in range(turns)
        for index, names in several.items()
        if turn < len(names)
    )
    source = ObjectShots(images, labels)
    episodes = Episodes(source, queries, by_class, labels, 0, shots, seed, fewer=True)
    return SampleSet(name, split, episodes)


def _shown(image: CocoImage) -> list[str]:
    return sorted({each.label for each in image.annotations if not each.crowd})


def _ignored(found: list[CocoAnnotation]) -> Iterator[Rle]:
    for each in found:
        if each.ignore is not None:
            yield each.ignore
        if each.crowd:
            yield each.rle
