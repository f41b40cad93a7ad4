"""Pascal VOC 2012 and Pascal Context (59 classes) in the layout of the VOC devkit.

::

    root/VOCdevkit/VOC2012/JPEGImages/*.jpg            also root/VOC2012 and root itself
    root/VOCdevkit/VOC2012/SegmentationClass/*.png     0 background, 1 to 20, 255 ignored
    root/VOCdevkit/VOC2012/ImageSets/Segmentation/val.txt

    root/VOCdevkit/VOC2010/SegmentationClassContext/*.png     0 background, 1 to 59
    root/VOCdevkit/VOC2010/ImageSets/SegmentationContext/val.txt
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.labels import IGNORE
from biprompt.data.readers._classes import class_names, consecutive
from biprompt.data.readers._files import Layout, lines
from biprompt.data.readers._semantic import labelled_pictures
from biprompt.data.samples import SampleSet, SemanticSample


def read_voc(name: str, root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read "train", "val" or "trainval" of Pascal VOC 2012; class 0 is the background.

    Raises:
        DataError: a folder, a list or a file is missing; the message names it.
    """
    return _read(name, root, split, "VOC2012", "Segmentation", "SegmentationClass", "pascal_voc")


def read_pascal_context(name: str, root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read "train" or "val" of Pascal Context, as MMSegmentation's converter writes it.

    Class 0 is the background: whatever is none of the 59 classes. Protocols over 59 classes
    leave it out, protocols over 60 count it.

    Raises:
        DataError: as in `read_voc`.
    """
    kind = "SegmentationContext"
    return _read(name, root, split, "VOC2010", kind, "SegmentationClassContext", "pascal_context")


def _read(
    name: str, root: str | Path, split: str, year: str, kind: str, folder: str, names: str
) -> SampleSet[SemanticSample]:
    layout = Layout(name, root)
    places = (f"VOCdevkit/{year}", year, ".")
    images = layout.folder(*(f"{place}/JPEGImages" for place in places))
    labels = layout.folder(*(f"{place}/{folder}" for place in places))
    listing = layout.file(*(f"{place}/ImageSets/{kind}/{split}.txt" for place in places))
    classes = class_names(names)
    meaning = {255: IGNORE, **consecutive(classes, 0)}
    pairs = ((images / f"{stem}.jpg", labels / f"{stem}.png") for stem in lines(listing))
    return labelled_pictures(layout, split, pairs, classes, meaning, background=0)
