"""ADE20K as MIT's scene parsing challenge publishes it (ADEChallengeData2016, 150 classes).

::

    root/images/validation/*.jpg         also root/ADEChallengeData2016/images/...
    root/annotations/validation/*.png    0 is ignored, 1 to 150 are the classes
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.labels import IGNORE
from biprompt.data.readers._classes import class_names, consecutive
from biprompt.data.readers._files import Layout, pictures
from biprompt.data.readers._semantic import labelled_pictures
from biprompt.data.samples import SampleSet, SemanticSample

_FOLDERS = {"train": "training", "val": "validation"}


def read_ade20k(
    name: str, root: str | Path, split: str, *, faults: Faults | None = None
) -> SampleSet[SemanticSample]:
    """Read "train" or "val"; the class names are those LISA and EVF-SAM ask with.

    A photograph without its label image goes to `faults`, or is an error.

    Raises:
        DataError: a folder or a file is missing; the message names it.
    """
    layout = Layout(name, root)
    folder = _FOLDERS[layout.split(split, _FOLDERS)]
    images = layout.folder(f"images/{folder}", f"ADEChallengeData2016/images/{folder}")
    labels = layout.folder(f"annotations/{folder}", f"ADEChallengeData2016/annotations/{folder}")
    found = pictures(images)
    if not found:
        raise layout.missing("photographs", images / "*.jpg")
    classes = class_names("ade20k")
    meaning = {0: IGNORE, 255: IGNORE, **consecutive(classes, 1)}
    pairs = ((path, labels / f"{path.stem}.png") for path in found)
    return labelled_pictures(layout, split, pairs, classes, meaning, faults=faults)
