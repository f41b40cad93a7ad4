"""COCO-20i in HSNet's layout.

::

    root/COCO2014/val2014/*.jpg                also train2014: the lists name both
    root/COCO2014/annotations/val2014/*.png    0 background, 1 to 80
    root/splits/coco/val/fold0.pkl             a pickle: image names by class from 0

`splits` is the folder `data/splits` of HSNet's repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.data.readers._classes import class_names
from biprompt.data.readers._episodes import EPISODES, FOLDS, Episodes, fold_of
from biprompt.data.readers._files import Layout
from biprompt.data.readers._pickles import read_pickle
from biprompt.data.readers._shots import NumberedShots
from biprompt.data.samples import EpisodeSample, SampleSet
from biprompt.errors import DataError

_THINGS = 90
"""The first names of COCO-Stuff's list are COCO's own; 80 of them are used."""


def read_coco20i(
    name: str, root: str | Path, split: str, *, shots: int = 1, seed: int = 0
) -> SampleSet[EpisodeSample]:
    """Read 1,000 episodes of "fold0" to "fold3" of COCO-20i.

    Each draws one of the fold's twenty classes, then an image of it; the seed fixes both.

    Args:
        name: how `biprompt data` lists it.
        root: the folder that holds COCO2014 and splits.
        split: the fold.
        shots: examples in each episode.
        seed: fixes the queries and the examples.

    Raises:
        DataError: as in `read_pascal5i`, or the fold's pickle would run code.
    """
    layout = Layout(name, root)
    layout.split(split, FOLDS)
    listing = layout.file(f"splits/coco/val/{split}.pkl", f"data/splits/coco/val/{split}.pkl")
    by_class = _coco_classes(read_pickle(listing), fold_of(split), listing)
    source = NumberedShots(
        layout, layout.folder("COCO2014"), layout.folder("COCO2014/annotations"), void=False
    )
    queries = tuple(islice(_drawn(by_class, seed), EPISODES))
    labels = tuple(n for n in class_names("coco_stuff")[:_THINGS] if not n.startswith("-"))
    episodes = Episodes(source, queries, by_class, labels, fold_of(split), shots, seed)
    return SampleSet(name, split, episodes)


def _coco_classes(content: Any, fold: int, path: Path) -> dict[int, tuple[str, ...]]:
    """Return the names of each class of a fold; classes 0 to 79 are dealt out in turn."""
    wanted = range(fold, 80, 4)
    if not isinstance(content, dict) or not all(content.get(index) for index in wanted):
        expected = f"image names for the classes {fold}, {fold + 4}, ... {wanted[-1]}"
        raise DataError("fold", expected=expected, actual="others", path=path)
    return {
        index: tuple(str(name).removesuffix(".jpg") for name in content[index]) for index in wanted
    }


def _drawn(by_class: Mapping[int, tuple[str, ...]], seed: int) -> Iterator[tuple[str, int]]:
    random = np.random.default_rng(seed)
    classes = sorted(by_class)
    while True:
        class_id = classes[random.integers(len(classes))]
        yield by_class[class_id][random.integers(len(by_class[class_id]))], class_id
