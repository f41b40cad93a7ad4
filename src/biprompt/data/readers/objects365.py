"""Objects365 (Shao et al., 2019), version 1, with masks made of its boxes.

::

    root/objects365_train.json    COCO's form, each annotation with a `segmentation`; EVF-SAM calls
                                  its own file o365_res_instances.json
    root/train/*.jpg

The published annotations are boxes. EVF-SAM's masks, made by SAM-2 of those boxes, were not
released, so they have to be made: see `biprompt data where objects365`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import Annotation, read_instances
from biprompt.data.readers._json import whole
from biprompt.data.readers._stream import START, stream_lists
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.errors import DataError

SPLITS = ("train", "val")
_EVF_FILE = {"train": ("o365_res_instances.json",)}


def read_objects365(
    name: str, root: str | Path, split: str, *, faults: Faults | None = None
) -> SampleSet[InteractiveObject]:
    """Read the objects that are the only one of their category in their image.

    That is EVF-SAM's filter: a bare category name then means one thing. Every annotation counts,
    also crowds and those without a mask; one without a mask is itself left out.

    Raises:
        DataError: a file is missing, something in it is not what it should be, or there are boxes
            and no masks; the message names the file. What concerns one object only goes to
            `faults` where there are any.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    listing = layout.file(*_EVF_FILE.get(split, ()), f"objects365_{split}.json")
    instances = read_instances(listing, _alone(listing))
    images = layout.folder(split)
    alone = [a for a in instances.annotations.values() if a.outlines or a.rles]
    if instances.annotations and not alone:
        expected = f"masks beside the boxes (see: biprompt data where {name})"
        raise DataError("annotations", expected=expected, actual="boxes only", path=listing)

    def objects(annotation: Annotation) -> Iterator[InteractiveObject]:
        yield InteractiveObject(
            picture=Picture(layout.below(images, instances.images[annotation.image_id].file_name)),
            image_id=annotation.image_id,
            object_id=annotation.id,
            target=instances.mask_of(annotation),
            label=instances.categories.get(annotation.category_id),
        )

    return SampleSet(name, split, tuple((faults or Faults()).each(alone, objects)))


def _alone(listing: Path) -> frozenset[int]:
    """Return the numbers of the objects without another of their category in their image.

    The file is read once for this: ten million annotations need not be in memory together.
    """
    first: dict[tuple[int, int], int] = {}
    several: set[tuple[int, int]] = set()
    for key, entry in stream_lists(listing):
        if key != "annotations" or entry is START:
            continue
        place = whole(entry, "image_id", listing), whole(entry, "category_id", listing)
        if place in first or entry.get("iscrowd"):
            several.add(place)
        first.setdefault(place, whole(entry, "id", listing))
    return frozenset(number for place, number in first.items() if place not in several)
