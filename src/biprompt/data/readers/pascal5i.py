"""PASCAL-5i in HSNet's layout.

::

    root/VOC2012/JPEGImages/*.jpg
    root/VOC2012/SegmentationClassAug/*.png    0 background, 1 to 20, 255 ignored
    root/splits/pascal/val/fold0.txt           lines "2007_000033__01": image and class from 1

`splits` is the folder `data/splits` of HSNet's repository.
"""

from __future__ import annotations

from pathlib import Path

from biprompt.data.readers._classes import class_names
from biprompt.data.readers._episodes import EPISODES, FOLDS, Episodes, fold_of, grouped
from biprompt.data.readers._files import Layout, lines
from biprompt.data.readers._shots import NumberedShots
from biprompt.data.samples import EpisodeSample, SampleSet
from biprompt.errors import DataError


def read_pascal5i(
    name: str, root: str | Path, split: str, *, shots: int = 1, seed: int = 0
) -> SampleSet[EpisodeSample]:
    """Read the 1,000 episodes of "fold0" to "fold3" of PASCAL-5i.

    The list's images are the queries, again from the first when it ends.

    Args:
        name: how `biprompt data` lists it.
        root: the folder that holds VOC2012 and splits.
        split: the fold; its five classes are those that training did not see.
        shots: examples in each episode.
        seed: fixes the examples.

    Raises:
        DataError: a file is missing or damaged, or a class has too few images; the message names
            it.
    """
    layout = Layout(name, root)
    layout.split(split, FOLDS)
    listing = layout.file(f"splits/pascal/val/{split}.txt", f"data/splits/pascal/val/{split}.txt")
    pairs = [_pascal_line(line, listing) for line in lines(listing)]
    if not pairs:
        raise DataError("list", expected="images and classes", actual="nothing", path=listing)
    source = NumberedShots(
        layout,
        layout.folder("VOC2012/JPEGImages"),
        layout.folder("VOC2012/SegmentationClassAug"),
        void=True,
    )
    queries = tuple(pairs[i % len(pairs)] for i in range(EPISODES))
    labels = class_names("pascal_voc")[1:]
    episodes = Episodes(source, queries, grouped(pairs), labels, fold_of(split), shots, seed)
    return SampleSet(name, split, episodes)


def _pascal_line(line: str, path: Path) -> tuple[str, int]:
    name, _, number = line.partition("__")
    if not number.isdecimal() or not 1 <= int(number) <= 20:
        raise DataError("line", expected="name__class, class 1 to 20", actual=line, path=path)
    return name, int(number) - 1
