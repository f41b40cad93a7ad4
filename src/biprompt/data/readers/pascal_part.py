"""Pascal-Part in the JSON form that VLPart prepares and LISA and EVF-SAM read.

::

    root/val.json                                    COCO's form; categories as "dog:head"
    root/VOCdevkit/VOC2010/JPEGImages/*.jpg          also root/VOC2010/JPEGImages

`root` may also hold both below `vlpart/pascal_part` or `pascal_part`.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from biprompt.data.labels import ClassMasks
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Annotation, Instances, read_instances
from biprompt.data.samples import SampleSet, SemanticSample

SPLITS = ("train", "val")
_PLACES = (".", "vlpart/pascal_part", "pascal_part")


def read_pascal_part(name: str, root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read "train" or "val": one mask a part, all instances of the part together.

    That is EVF-SAM's merging; overlapping instances are joined, not added up. The class names are
    its prompts without `[semantic]`: "dog:head" is "dog head". Images without a part are left out.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    instances = read_instances(layout.file(*(f"{place}/{split}.json" for place in _PLACES)))
    images = layout.folder(
        *(f"{p}/{voc}/JPEGImages" for p in _PLACES for voc in ("VOCdevkit/VOC2010", "VOC2010"))
    )
    classes = tuple(" ".join(text.split(":")) for text in instances.categories.values())
    samples = tuple(
        SemanticSample(
            picture=Picture(layout.below(images, instances.images[image_id].file_name)),
            image_id=image_id,
            classes=classes,
            source=_masks(parts, instances),
        )
        for image_id, parts in _by_image(instances).items()
    )
    return SampleSet(name, split, samples)


def _by_image(instances: Instances) -> dict[int, list[Annotation]]:
    grouped: dict[int, list[Annotation]] = defaultdict(list)
    for annotation in instances.annotations.values():
        if annotation.outlines or annotation.rles:
            grouped[annotation.image_id].append(annotation)
    return grouped


def _masks(parts: list[Annotation], instances: Instances) -> ClassMasks:
    index = {number: place for place, number in enumerate(instances.categories)}
    by_class: dict[int, list[Annotation]] = defaultdict(list)
    for part in parts:
        by_class[index[part.category_id]].append(part)
    return ClassMasks(
        tuple((place, instances.mask_of(*by_class[place])) for place in sorted(by_class))
    )
