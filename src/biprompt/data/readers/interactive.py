"""GrabCut, Berkeley, DAVIS and COCO_MVal as RITM packs them: one object a photograph.

::

    root/data_GT/*        root/boundary_GT/*   GrabCut
    root/images/*         root/masks/*         Berkeley
    root/img/*            root/gt/*            DAVIS, COCO_MVal

A mask has its photograph's name. `root` may also hold these below a folder of the set's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout, pictures
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.data.sources import MaskSource, Values

_UNKNOWN = 128
"""The trimap's number for the band that metrics skip; what is above it is the object."""


@dataclass(frozen=True, slots=True)
class Package:
    """How one of the benchmark's zip files looks inside.

    Attributes:
        folder: its own folder.
        images: where the photographs lie.
        masks: where the masks lie.
        trimap: whether masks tell a band to skip; otherwise whatever is not 0 is the object.
    """

    folder: str
    images: str
    masks: str
    trimap: bool


GRABCUT = Package("GrabCut", "data_GT", "boundary_GT", trimap=True)
BERKELEY = Package("Berkeley", "images", "masks", trimap=True)
DAVIS = Package("DAVIS", "img", "gt", trimap=False)
COCO_MVAL = Package("COCO_MVal", "img", "gt", trimap=False)


def read_package(
    name: str, root: str | Path, split: str, *, package: Package
) -> SampleSet[InteractiveObject]:
    """Read a package; the split is always "test".

    Raises:
        DataError: a folder is missing or empty, or a photograph has no mask; the message names it.
    """
    layout = Layout(name, root)
    layout.split(split, ("test",))
    images = layout.folder(package.images, f"{package.folder}/{package.images}")
    masks = layout.folder(package.masks, f"{package.folder}/{package.masks}")
    by_stem = {path.stem: path for path in pictures(masks)}
    found = pictures(images)
    if not found:
        raise layout.missing("photographs", images / "*")
    for path in found:
        if _stem(path) not in by_stem:
            raise layout.missing("mask", masks / f"{_stem(path)}.png")
    objects = tuple(_object(path, by_stem[_stem(path)], package) for path in found)
    return SampleSet(name, split, objects)


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _object(image: Path, mask: Path, package: Package) -> InteractiveObject:
    target: MaskSource = Values(mask, 1)
    ignore: MaskSource | None = None
    if package.trimap:
        target = Values(mask, _UNKNOWN + 1, channel="first")
        ignore = Values(mask, _UNKNOWN, _UNKNOWN, "first")
    return InteractiveObject(Picture(image), _stem(image), 1, target, ignore)
