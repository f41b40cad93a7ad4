"""COCO-Stuff (164 thousand images), the pixel maps of its authors.

::

    root/images/val2017/*.jpg              also root/val2017
    root/annotations/val2017/*.png         also root/stuffthingmaps/val2017, root/pixelmaps/val2017
                                           0 to 181 are the ids of its label list less one, 255
                                           is ignored
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.labels import IGNORE
from biprompt.data.readers._classes import class_names
from biprompt.data.readers._files import Layout
from biprompt.data.readers._semantic import labelled_pictures
from biprompt.data.samples import SampleSet, SemanticSample

_FOLDERS = {"train": "train2017", "val": "val2017"}
_MAPS = ("annotations", "stuffthingmaps", "pixelmaps")


def read_coco_stuff(name: str, root: str | Path, split: str) -> SampleSet[SemanticSample]:
    """Read "train" or "val": 171 classes; the 11 ids that no image uses are left out.

    Raises:
        DataError: a folder or a file is missing; the message names it.
    """
    layout = Layout(name, root)
    folder = _FOLDERS[layout.split(split, _FOLDERS)]
    labels = layout.folder(*(f"{maps}/{folder}" for maps in _MAPS))
    images = layout.folder(f"images/{folder}", folder)
    found = sorted(path for path in labels.glob("*.png") if "_" not in path.stem)
    if not found:
        raise layout.missing("label images", labels / "*.png")
    classes, meaning = _classes()
    pairs = ((images / f"{path.stem}.jpg", path) for path in found)
    return labelled_pictures(layout, split, pairs, classes, meaning)


def _classes() -> tuple[tuple[str, ...], dict[int, int]]:
    """Return the names that are used, and their index by stored number."""
    every = class_names("coco_stuff")
    used = [number for number, name in enumerate(every) if not name.startswith("-")]
    meaning = {255: IGNORE, **{number: index for index, number in enumerate(used)}}
    return tuple(every[number] for number in used), meaning
