"""What of each class is in every photograph, from sets that list objects one by one.

Absence is known only where every instance of every class is labelled. Photographs without any
object count as well, and so do crowd regions: the thing is there, though not as an instance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from biprompt.data.coco import CocoDataset, CocoImage
from biprompt.data.labels import ClassMasks
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Annotation, Instances, read_instances
from biprompt.data.readers.coco import SPLITS
from biprompt.data.samples import InteractiveObject, SampleSet, SemanticSample
from biprompt.data.sources import MaskSource, Shapes, Union
from biprompt.errors import DataError


def of_folder(dataset: CocoDataset) -> tuple[SemanticSample, ...]:
    """Return every photograph of a folder in COCO layout, asked for all its categories."""
    places = {label: index for index, label in enumerate(dataset.labels)}
    return tuple(
        SemanticSample(Picture(image.path), image.id, dataset.labels, _labelled(image, places))
        for image in dataset.images
    )


def read_coco_inventory(root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read every photograph of a split of COCO in its official layout, asked for all categories.

    Raises:
        DataError: a file is missing, or something in it is not what it should be.
    """
    layout = Layout("coco", root)
    layout.split(split, SPLITS)
    instances = read_instances(layout.file(f"annotations/instances_{split}.json"))
    folder = layout.folder(split, f"images/{split}")
    names = tuple(instances.categories.values())
    found: dict[int, dict[int, list[Annotation]]] = defaultdict(lambda: defaultdict(list))
    places = {category: index for index, category in enumerate(instances.categories)}
    for annotation in instances.annotations.values():
        found[annotation.image_id][_place(annotation, places, instances)].append(annotation)
    samples = tuple(
        SemanticSample(
            Picture(layout.below(folder, image.file_name)),
            image.id,
            names,
            _joined({i: [instances.mask_of(*each)] for i, each in found[image.id].items()}),
        )
        for image in instances.images.values()
    )
    return SampleSet("coco", split, samples)


def of_objects(objects: SampleSet[InteractiveObject]) -> SampleSet[SemanticSample]:
    """Return every photograph that shows an object, asked for all labels of the set.

    Raises:
        DataError: an object has no label.
    """
    names = tuple(sorted({_label(each, objects.name) for each in objects}))
    places = {name: index for index, name in enumerate(names)}
    grouped: dict[Picture, list[InteractiveObject]] = defaultdict(list)
    for each in objects:
        grouped[each.picture].append(each)
    samples = tuple(
        SemanticSample(picture, here[0].image_id, names, _sources(here, places))
        for picture, here in grouped.items()
    )
    return SampleSet(objects.name, objects.split, samples)


def _labelled(image: CocoImage, places: dict[str, int]) -> ClassMasks:
    found: dict[int, list[MaskSource]] = defaultdict(list)
    for annotation in image.annotations:
        shape = Shapes(image.hw, (), (annotation.rle,), path=image.path)
        found[places[annotation.label]].append(shape)
    return _joined(found)


def _sources(objects: Iterable[InteractiveObject], places: dict[str, int]) -> ClassMasks:
    found: dict[int, list[MaskSource]] = defaultdict(list)
    for each in objects:
        found[places[each.label or ""]].append(each.target)
    return _joined(found)


def _joined(found: Mapping[int, Sequence[MaskSource]]) -> ClassMasks:
    parts = sorted(found.items())
    return ClassMasks(
        tuple((i, each[0] if len(each) == 1 else Union(tuple(each))) for i, each in parts)
    )


def _place(annotation: Annotation, places: dict[int, int], instances: Instances) -> int:
    if annotation.category_id in places:
        return places[annotation.category_id]
    what, expected = f"category of annotation {annotation.id}", "one the file lists"
    raise DataError(what, expected=expected, actual=annotation.category_id, path=instances.path)


def _label(each: InteractiveObject, name: str) -> str:
    if each.label is None:
        expected, actual = "a label, as absence is asked by name", "none"
        raise DataError(f"object {each.key} of {name}", expected=expected, actual=actual)
    return each.label
