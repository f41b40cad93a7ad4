"""Pascal-Part in the JSON form that VLPart prepares and LISA and EVF-SAM read.

::

    root/val.json                                    COCO's form; categories as "dog:head"
    root/VOCdevkit/VOC2010/JPEGImages/*.jpg          also root/VOC2010/JPEGImages

`root` may also hold both below `vlpart/pascal_part` or `pascal_part`.
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.readers._files import Layout
from biprompt.data.readers._instances import read_instances
from biprompt.data.readers._parts import merged_parts
from biprompt.data.samples import SampleSet, SemanticSample

SPLITS = ("train", "val")
_PLACES = (".", "vlpart/pascal_part", "pascal_part")


def read_pascal_part(
    name: str, root: str | Path, split: str, *, faults: Faults | None = None
) -> SampleSet[SemanticSample]:
    """Read "train" or "val": one mask a part, all instances of the part together.

    That is EVF-SAM's merging; overlapping instances are joined, not added up. The class names are
    its prompts without `[semantic]`: "dog:head" is "dog head". Images without a part are left out.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file. What concerns one image only goes to `faults` where there are any.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    instances = read_instances(layout.file(*(f"{place}/{split}.json" for place in _PLACES)))
    images = layout.folder(
        *(f"{p}/{voc}/JPEGImages" for p in _PLACES for voc in ("VOCdevkit/VOC2010", "VOC2010"))
    )
    classes = tuple(" ".join(text.split(":")) for text in instances.categories.values())
    return merged_parts(layout, split, instances, images, classes, faults)
