"""gRefCOCO (Liu et al., 2023): sentences that mean one thing, several, or none.

::

    root/grefcoco/grefs(unc).json       one object a sentence
    root/grefcoco/instances.json        COCO's form
    root/images/mscoco/train2014/*.jpg  or one of the other places of `refer.COCO_IMAGES`
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Instances, read_instances
from biprompt.data.readers._json import listed, read_json, value, whole
from biprompt.data.readers.refer import COCO_IMAGES, sentence_of
from biprompt.data.samples import ReferringSample, SampleSet
from biprompt.data.sources import Nothing
from biprompt.errors import DataError

NO_TARGET = -1
"""The annotation number of a sentence that means nothing in the image."""


def read_grefcoco(name: str, root: str | Path, split: str) -> SampleSet[ReferringSample]:
    """Read one split of gRefCOCO: "train", "val", "testA" or "testB".

    The target is the union of all annotations that a sentence means.

    Raises:
        DataError: a file or a split is missing, or something in the files is not what it should
            be; the message names the file.
    """
    layout = Layout(name, root)
    source = layout.file("grefcoco/grefs(unc).json")
    every = read_json(source, list)
    chosen = [ref for ref in every if value(ref, "split", source) == split]
    if not chosen:
        layout.split(split, sorted({str(ref["split"]) for ref in every}))
    wanted = {number for ref in chosen for number in _targets(ref, source)}
    instances = read_instances(layout.file("grefcoco/instances.json"), wanted)
    images = layout.folder(*COCO_IMAGES)
    samples = tuple(_sample(ref, instances, layout, images, source) for ref in chosen)
    return SampleSet(name, split, samples)


def _targets(ref: Any, source: Path) -> list[int]:
    stated = value(ref, "ann_id", source)
    numbers = stated if isinstance(stated, list) else [stated]
    return [number for number in numbers if number is not None and number != NO_TARGET]


def _sample(
    ref: Any, instances: Instances, layout: Layout, images: Path, source: Path
) -> ReferringSample:
    image_id, numbers = whole(ref, "image_id", source), _targets(ref, source)
    entry = instances.images.get(image_id)
    found = [instances.annotations.get(number) for number in numbers]
    annotations = [a for a in found if a is not None and a.image_id == image_id]
    if entry is None or len(annotations) != len(numbers):
        expected = f"image {image_id} and annotations {numbers} of it"
        raise DataError("reference", expected=expected, actual="not all", path=instances.path)
    target = instances.mask_of(*annotations) if numbers else Nothing(entry.hw)
    return ReferringSample(
        picture=Picture(layout.below(images, entry.file_name)),
        image_id=image_id,
        ref_id=whole(ref, "ref_id", source),
        sentences=tuple(sentence_of(s, source) for s in listed(ref, "sentences", source)),
        target=target,
        no_target=not numbers,
        split=str(ref["split"]),
    )
