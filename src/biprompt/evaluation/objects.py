"""The objects of a data set in the order in which every protocol visits them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import islice

from biprompt.data.coco import CocoAnnotation, CocoDataset, CocoImage

PhotoObjects = tuple[CocoImage, list[tuple[str, CocoAnnotation]]]


def object_key(image: CocoImage, annotation: CocoAnnotation) -> str:
    """Return the name of an object in records: file name and annotation number."""
    return f"{image.path.name}#{annotation.id}"


def object_keys(dataset: CocoDataset, limit: int | None = None) -> list[str]:
    """Return the keys of all objects that `photos` visits."""
    return [key for _, found in photos(dataset, limit) for key, _ in found]


def photos(
    dataset: CocoDataset, limit: int | None = None, done: Container[str] = ()
) -> Iterator[PhotoObjects]:
    """Yield each photograph with its objects that are still to measure.

    Crowd regions are no objects. Photographs without anything to do are left out, so that none is
    embedded in vain.

    Args:
        dataset: what to measure on.
        limit: only the first so many objects, done or not.
        done: keys of finished objects.
    """
    every = (
        (image, object_key(image, annotation), annotation)
        for image in dataset.images
        for annotation in image.annotations
        if not annotation.crowd
    )
    grouped: dict[int, PhotoObjects] = {}
    for image, key, annotation in islice(every, limit):
        if key not in done:
            grouped.setdefault(image.id, (image, []))[1].append((key, annotation))
    yield from grouped.values()
