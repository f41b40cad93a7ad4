"""FLARE22: abdominal CT with 13 organs (NIfTI).

::

    root/images/FLARE22_Tr_0001_0000.nii.gz    also root/FLARE22Train/images, root/imagesTr
    root/labels/FLARE22_Tr_0001.nii.gz         also root/FLARE22Train/labels, root/labelsTr
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.readers._files import Layout
from biprompt.data.samples import SampleSet
from biprompt.data.volumes import VolumeSample

ORGANS = (
    "liver",
    "right kidney",
    "spleen",
    "pancreas",
    "aorta",
    "inferior vena cava",
    "right adrenal gland",
    "left adrenal gland",
    "gallbladder",
    "esophagus",
    "stomach",
    "duodenum",
    "left kidney",
)
"""Labels 1 to 13, in the challenge's order."""

_ENDINGS = (".nii.gz", ".nii")


def read_flare22(name: str, root: str | Path, split: str) -> SampleSet[VolumeSample]:
    """Read the labelled cases; the split is always "train". No volume is opened.

    Raises:
        DataError: a folder or a file is missing; the message names it.
    """
    layout = Layout(name, root)
    layout.split(split, ("train",))
    images = layout.folder("images", "FLARE22Train/images", "imagesTr")
    labels = layout.folder("labels", "FLARE22Train/labels", "labelsTr")
    cases = sorted(path for path in labels.iterdir() if path.name.endswith(_ENDINGS))
    if not cases:
        raise layout.missing("labels", labels / "*.nii.gz")
    samples = tuple(
        VolumeSample(layout.present(_image(images, path)), path, _case(path), ORGANS)
        for path in cases
    )
    return SampleSet(name, split, samples)


def _case(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".nii")


def _image(images: Path, labels: Path) -> Path:
    """Return where the image of a label file lies; 0000 is the number of the only channel."""
    case = _case(labels)
    return images / labels.name.replace(case, f"{case}_0000", 1)
