"""Parts labelled one by one in COCO's form, put together to one mask a class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.labels import ClassMasks
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Annotation, Instances
from biprompt.data.samples import SampleSet, SemanticSample
from biprompt.errors import DataError

_LEAST_POINTS = 3


def merged_parts(
    layout: Layout,
    split: str,
    instances: Instances,
    images: Path,
    classes: tuple[str, ...],
    faults: Faults | None = None,
) -> SampleSet[SemanticSample]:
    """Return a sample of each image with a part: all instances of a class together, joined.

    Args:
        layout: the data set.
        split: which part of it.
        instances: its file.
        images: the folder that the file's names are relative to.
        classes: the class names, in the order of the file's categories.
        faults: where an image that cannot be used goes, and an outline of two points; None: the
            one is an error, the other is drawn as the data set's tools do.

    Raises:
        DataError: an image or a category is missing; the message names it.
    """
    index = {number: place for place, number in enumerate(instances.categories)}

    def samples(entry: tuple[int, list[Annotation]]) -> Iterator[SemanticSample]:
        image_id, parts = entry
        picture = Picture(layout.below(images, instances.images[image_id].file_name))
        yield SemanticSample(picture, image_id, classes, _masks(parts, instances, index))

    usable: Iterable[Annotation] = instances.annotations.values()
    if faults is not None:
        usable = faults.each(usable, lambda part: _checked(part, instances.path))
    made = (faults or Faults()).each(_by_image(usable).items(), samples)
    return SampleSet(layout.name, split, tuple(made))


def _checked(part: Annotation, path: Path) -> Iterator[Annotation]:
    for outline in part.outlines:
        if len(outline) < _LEAST_POINTS:
            what, expected = f"annotation {part.id}: polygon", f"at least {_LEAST_POINTS} points"
            raise DataError(what, expected=expected, actual=len(outline), path=path)
    yield part


def _by_image(annotations: Iterable[Annotation]) -> dict[int, list[Annotation]]:
    grouped: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in annotations:
        if annotation.outlines or annotation.rles:
            grouped[annotation.image_id].append(annotation)
    return grouped


def _masks(parts: list[Annotation], instances: Instances, index: dict[int, int]) -> ClassMasks:
    by_class: dict[int, list[Annotation]] = defaultdict(list)
    for part in parts:
        by_class[index[part.category_id]].append(part)
    return ClassMasks(
        tuple((place, instances.mask_of(*by_class[place])) for place in sorted(by_class))
    )
