"""PartImageNet (He et al., 2022): parts of animals, vehicles and bottles.

::

    root/annotations/train/train.json    COCO's form; categories as "Quadruped Head"
    root/images/train/*.JPEG

`root` may also hold both below `PartImageNet`.
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import read_instances
from biprompt.data.readers._parts import merged_parts
from biprompt.data.samples import SampleSet, SemanticSample

SPLITS = ("train", "val", "test")
_PLACES = (".", "PartImageNet")


def read_partimagenet(
    name: str, root: str | Path, split: str, *, faults: Faults | None = None
) -> SampleSet[SemanticSample]:
    """Read "train", "val" or "test": one mask a part, all instances of the part together.

    As EVF-SAM merges them, but joined, not added up. The class names are its prompts without
    `[semantic]`: the file's in lower case, its spelling ("car tier") kept. Annotations without an
    outline, which the published file holds, are left out.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file. What concerns one image only goes to `faults` where there are any.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    listing = layout.file(*(f"{place}/annotations/{split}/{split}.json" for place in _PLACES))
    instances = read_instances(listing)
    images = layout.folder(*(f"{place}/images/{split}" for place in _PLACES))
    classes = tuple(text.lower() for text in instances.categories.values())
    return merged_parts(layout, split, instances, images, classes, faults)
