"""Objects to click: COCO's own layout, and any folder with `images/` and `instances.json`.

::

    root/annotations/instances_val2017.json    root/val2017/*.jpg  or  root/images/val2017/*.jpg
    root/instances.json                        root/images/*.jpg
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.coco import CocoAnnotation, CocoImage, read_coco
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Annotation, Instances, read_instances
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.data.sources import Shapes

SPLITS = ("train2017", "val2017", "train2014", "val2014")


def read_coco_objects(name: str, root: str | Path, split: str) -> SampleSet[InteractiveObject]:
    """Read every object of a split of COCO that is no crowd; masks are those of pycocotools.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    instances = read_instances(layout.file(f"annotations/instances_{split}.json"))
    images = layout.folder(split, f"images/{split}")
    objects = tuple(
        _object(annotation, instances, layout, images)
        for annotation in instances.annotations.values()
        if not annotation.crowd
    )
    return SampleSet(name, split, objects)


def read_coco_folder(name: str, root: str | Path, split: str) -> SampleSet[InteractiveObject]:
    """Read every object of a folder in COCO layout that is no crowd; the split is always "all".

    Raises:
        DataError: as in `data.coco.read_coco`.
    """
    layout = Layout(name, root)
    layout.split(split, ("all",))
    objects = tuple(
        _of_folder(image, annotation)
        for image in read_coco(layout.root).images
        for annotation in image.annotations
        if not annotation.crowd
    )
    return SampleSet(name, split, objects)


def _object(
    annotation: Annotation, instances: Instances, layout: Layout, images: Path
) -> InteractiveObject:
    file_name = instances.images[annotation.image_id].file_name
    return InteractiveObject(
        picture=Picture(layout.below(images, file_name)),
        image_id=annotation.image_id,
        object_id=annotation.id,
        target=instances.mask_of(annotation),
        label=instances.categories.get(annotation.category_id),
    )


def _of_folder(image: CocoImage, annotation: CocoAnnotation) -> InteractiveObject:
    ignore = annotation.ignore
    return InteractiveObject(
        picture=Picture(image.path),
        image_id=image.id,
        object_id=annotation.id,
        target=Shapes(image.hw, (), (annotation.rle,), path=image.path),
        ignore=None if ignore is None else Shapes(image.hw, (), (ignore,), path=image.path),
        label=annotation.label,
    )
