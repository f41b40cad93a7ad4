"""HumanParsing, also called ATR (Liang et al., 2015): garments and limbs of people in photographs.

::

    root/JPEGImages/*.jpg               also root/humanparsing/JPEGImages
    root/SegmentationClassAug/*.png     0 is the background, 1 to 17 are the classes

Left and right are the person's own, as the data set means them. `training.evf.data` asks with the
viewer's, as EVF-SAM does.
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.readers._classes import class_names, consecutive
from biprompt.data.readers._files import Layout, pictures
from biprompt.data.readers._semantic import labelled_pictures
from biprompt.data.samples import SampleSet, SemanticSample

SPLITS = ("all",)


def read_humanparsing(
    name: str, root: str | Path, split: str, *, faults: Faults | None = None
) -> SampleSet[SemanticSample]:
    """Read all photographs: the archive holds no lists of splits.

    The names are written as EVF-SAM's prompts are ("upper clothes" for `upper-clothes`).

    Raises:
        DataError: a folder or a file is missing; the message names it. A missing file of one
            photograph goes to `faults` where there are any.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    images = layout.folder("JPEGImages", "humanparsing/JPEGImages")
    labels = layout.folder("SegmentationClassAug", "humanparsing/SegmentationClassAug")
    found = pictures(labels)
    if not found:
        raise layout.missing("label images", labels / "*.png")
    classes = class_names("humanparsing")
    pairs = ((images / f"{path.stem}.jpg", path) for path in found)
    meaning = consecutive(classes, 0)
    return labelled_pictures(layout, split, pairs, classes, meaning, background=0, faults=faults)
