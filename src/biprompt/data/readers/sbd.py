"""SBD (Hariharan et al., 2011): every instance of its split is an object.

::

    root/val.txt         also root/dataset/val.txt and root/SBD/val.txt, with what follows beside it
    root/img/<name>.jpg
    root/inst/<name>.mat
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import Picture
from biprompt.data.readers._classes import class_names
from biprompt.data.readers._files import Layout, lines
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.errors import DataError

SPLITS = ("train", "val")


@dataclass(frozen=True, slots=True)
class Instance:
    """One number of an instance map.

    Attributes:
        path: the MATLAB file.
        number: the instance.
    """

    path: Path
    number: int

    def decode(self) -> BoolMask:
        """Return where the instance is, (H, W) bool.

        Raises:
            DataError: the file is damaged.
        """
        numbers, _ = _ground_truth(self.path)
        mask: BoolMask = numbers == self.number
        return mask


def read_sbd(name: str, root: str | Path, split: str) -> SampleSet[InteractiveObject]:
    """Read "train" or "val"; every MATLAB file is opened once for its instances' numbers.

    As in RITM's evaluation, no instance is left out, however small or broken its mask.

    Raises:
        DataError: a file is missing or damaged; the message names it.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    places = ("", "dataset/", "SBD/")
    listing = layout.file(*(f"{place}{split}.txt" for place in places))
    objects = (o for stem in lines(listing) for o in _objects(layout, listing.parent, stem))
    return SampleSet(name, split, tuple(objects))


def _objects(layout: Layout, folder: Path, stem: str) -> Iterator[InteractiveObject]:
    picture = Picture(layout.present(folder / "img" / f"{stem}.jpg"))
    path = layout.present(folder / "inst" / f"{stem}.mat")
    numbers, categories = _ground_truth(path)
    names = class_names("pascal_voc")
    for number in np.unique(numbers[numbers > 0]):
        place = int(number) - 1
        known = place < len(categories) and categories[place] < len(names)
        label = names[categories[place]] if known else None
        instance = Instance(path, int(number))
        yield InteractiveObject(picture, stem, int(number), instance, label=label)


def _ground_truth(path: Path) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Return the instance map (H, W), 0 where there is none, and the class of each instance."""
    from scipy.io import loadmat

    try:
        truth: Any = loadmat(str(path))["GTinst"][0, 0]
        numbers = np.asarray(truth["Segmentation"], np.int64)
        categories = tuple(int(c) for c in np.ravel(truth["Categories"]))
    except Exception as error:  # scipy has no error of its own for damaged files
        expected = "a MATLAB file with GTinst.Segmentation and GTinst.Categories"
        raise DataError("instances", expected=expected, actual=error, path=path) from error
    if numbers.ndim != 2:
        raise DataError("instances", expected="(H, W)", actual=numbers.shape, path=path)
    return numbers, categories
