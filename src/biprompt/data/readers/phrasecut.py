"""PhraseCut (Wu et al., 2020): phrases and regions on images of Visual Genome.

::

    root/image_data_split.json     also image_data_split3000.json: sizes and splits of the images
    root/refer_test.json           one object a phrase
    root/images/<image id>.jpg
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._json import corners, listed, read_json, size_of, value, whole
from biprompt.data.samples import ReferringSample, SampleSet
from biprompt.data.sources import Shapes
from biprompt.errors import DataError

SPLITS = ("train", "val", "test", "miniv")


def read_phrasecut(name: str, root: str | Path, split: str) -> SampleSet[ReferringSample]:
    """Read one split of PhraseCut; a phrase may mean several instances, of several polygons each.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    sizes = _sizes(layout.file("image_data_split.json", "image_data_split3000.json"))
    source = layout.file(f"refer_{split}.json")
    images = layout.folder("images")
    tasks = read_json(source, list)
    samples = tuple(_sample(task, sizes, layout, images, source, split) for task in tasks)
    return SampleSet(name, split, samples)


def _sizes(path: Path) -> dict[int, tuple[int, int]]:
    entries = read_json(path, list)
    return {whole(entry, "image_id", path): size_of(entry, path) for entry in entries}


def _sample(
    task: Any,
    sizes: dict[int, tuple[int, int]],
    layout: Layout,
    images: Path,
    source: Path,
    split: str,
) -> ReferringSample:
    image_id = whole(task, "image_id", source)
    if image_id not in sizes:
        raise DataError("image_id", expected="an image of the list", actual=image_id, path=source)
    return ReferringSample(
        picture=Picture(layout.below(images, f"{image_id}.jpg")),
        image_id=image_id,
        ref_id=str(value(task, "task_id", source)),
        sentences=(str(value(task, "phrase", source)),),
        target=Shapes(sizes[image_id], tuple(_outlines(task, source)), (), "pillow", source),
        split=split,
    )


def _outlines(task: Any, source: Path) -> Iterator[NDArray[np.float64]]:
    for instance in listed(task, "Polygons", source):
        for polygon in instance if isinstance(instance, list) else [instance]:
            yield corners(polygon, source)
