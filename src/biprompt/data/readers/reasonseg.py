"""ReasonSeg (Lai et al., 2023), as LISA publishes it.

::

    root/ReasonSeg/val/<name>.jpg    also root/val
    root/ReasonSeg/val/<name>.json   {"text": [...], "is_sentence": bool, "shapes": [polygons]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.outlines import BoolMask, opencv_fill
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.readers._json import corners, listed, value
from biprompt.data.samples import ReferringSample, SampleSet
from biprompt.errors import DataError, InputError

SPLITS = ("train", "val", "test")
_UNUSED = "flag"
"""Label of shapes that the authors have withdrawn."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnShapes:
    """Polygons that were painted one over the other, the largest first.

    Attributes:
        path: the JSON file.
        picture: the image, whose size is the mask's; the JSON does not tell it.
        shapes: (is this one to be ignored, its corners (N, 2)), in the order of the file.
        ignored: whether the mask is of what to ignore, or of the target.
    """

    path: Path
    picture: Picture
    shapes: tuple[tuple[bool, NDArray[np.float64]], ...] = field(repr=False)
    ignored: bool = False

    def decode(self) -> BoolMask:
        """Return the pixels whose topmost shape is a target (or one to ignore), (H, W) bool.

        Raises:
            DataError: a polygon is none.
            ImageError: the image is missing or damaged.
        """
        hw = self.picture.load().hw
        try:
            filled = [(ignored, opencv_fill(xy, hw)) for ignored, xy in self.shapes]
        except InputError as error:
            raise DataError(
                error.what, expected=error.expected, actual=error.actual, path=self.path
            ) from error
        mask = np.zeros(hw, np.bool_)
        # LISA's script turns a stable sort around: of two of one size the later one is below.
        for ignored, shape in sorted(filled, key=lambda item: int(item[1].sum()))[::-1]:
            mask[shape] = ignored == self.ignored
        return mask


def read_reasonseg(name: str, root: str | Path, split: str) -> SampleSet[ReferringSample]:
    """Read one split of ReasonSeg; each image is a sample with all its sentences.

    Raises:
        DataError: a file is missing, or something in it is not what it should be; the message
            names the file.
    """
    layout = Layout(name, root)
    layout.split(split, SPLITS)
    folder = layout.folder(f"ReasonSeg/{split}", split)
    indices = sorted(folder.glob("*.json"))
    if not indices:
        raise layout.missing("annotations", folder / "*.json")
    return SampleSet(name, split, tuple(_sample(path, layout, split) for path in indices))


def _sample(path: Path, layout: Layout, split: str) -> ReferringSample:
    document = _document(path)
    picture = Picture(layout.present(path.with_suffix(".jpg")))
    shapes = tuple(_shapes(document, path))
    has_ignored = any(ignored for ignored, _ in shapes)
    text = value(document, "text", path)
    return ReferringSample(
        picture=picture,
        image_id=path.stem,
        ref_id=path.stem,
        sentences=tuple(map(str, text if isinstance(text, list) else [text])),
        target=DrawnShapes(path, picture, shapes),
        ignore=DrawnShapes(path, picture, shapes, ignored=True) if has_ignored else None,
        no_target=all(ignored for ignored, _ in shapes),
        split=split,
    )


def _document(path: Path) -> Any:
    """Read JSON that was saved as UTF-8 or, in places, as Windows-1252."""
    data = path.read_bytes()
    for encoding in ("utf-8", "cp1252"):
        try:
            return json.loads(data.decode(encoding))
        except (ValueError, RecursionError) as error:
            reason = error
    raise DataError("annotations", expected="JSON", actual=reason, path=path)


def _shapes(document: Any, path: Path) -> Iterator[tuple[bool, NDArray[np.float64]]]:
    for shape in listed(document, "shapes", path):
        label = str(value(shape, "label", path)).lower()
        if label == _UNUSED:
            continue
        yield "ignore" in label, corners(value(shape, "points", path), path)
