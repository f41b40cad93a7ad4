"""YOLO segmentation labels: a text file for an image, and a list of classes.

A line holds the number of a class and one ring: `0 x y x y x y ...`, x in widths and y in heights
of the image, so from 0 to 1. Holes and parts are joined to one ring by cuts of no width: filling
it by the even-odd or the non-zero rule gives the mask again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.formats import _json, notes
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.masks import one_ring

_DECIMALS = 7
"""A ten-millionth of the longest image is far from the half pixel that would change a mask."""


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write the labels, and the list of classes that their numbers count."""
    classes = class_names(image)
    files = (
        ExportedFile(".txt", yolo_labels(image, classes, tolerance).encode()),
        ExportedFile(".classes.txt", "".join(f"{name}\n" for name in classes).encode()),
    )
    lost = (notes.joined(image, parts=True), notes.empty_left_out(image))
    return Written(files, tuple(filter(None, lost)))


def class_names(image: LabelledImage) -> list[str]:
    """Return the labels of the objects in order of first use, each on one line."""
    return list(dict.fromkeys(_one_line(thing.label) for thing in image.objects))


def yolo_labels(
    image: LabelledImage, classes: Sequence[str] | Mapping[str, int], tolerance: float = 0.0
) -> str:
    """Return one line for each object that is not empty.

    Args:
        image: the masks.
        classes: the names that the class numbers count, from 0; those of a whole data set, say.
            Of very many, the number by name is looked up faster. Each on one line.
        tolerance: as in `one_ring`.

    Raises:
        InputError: a label that is not among the classes, or as in `one_ring`.
    """
    if not isinstance(classes, Mapping):
        classes = {name: number for number, name in enumerate(classes)}
    lines = (_line(thing, classes, image.hw, tolerance) for thing in image.objects if thing.area)
    return "".join(lines)


def parse_yolo(
    text: str | bytes,
    hw: tuple[int, int],
    classes: Sequence[str] | None = None,
    file_name: str = "image",
) -> LabelledImage:
    """Read YOLO segmentation labels.

    Args:
        text: lines of a class number and at least three points. Pixels whose centre lies inside
            belong to the mask.
        hw: `(height, width)` of the image.
        classes: the names that the numbers count; None makes the numbers the labels.
        file_name: of the image.

    Raises:
        DataError: a line that is none, such as one of a box, or a number without a class.
    """
    try:
        lines = (text.decode() if isinstance(text, bytes) else text).splitlines()
    except UnicodeDecodeError as error:
        raise _json.wrong("YOLO labels", "text", error) from error
    objects = tuple(
        _object(line, f"line {number}", hw, classes)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    )
    return LabelledImage(file_name, hw, objects)


def _one_line(label: str) -> str:
    return " ".join(label.split())


def _line(
    thing: LabelledMask, numbers: Mapping[str, int], hw: tuple[int, int], tolerance: float
) -> str:
    name = _one_line(thing.label)
    if name not in numbers:
        raise InputError("label", expected="one of the classes", actual=repr(name))
    ring = one_ring(thing.mask, tolerance)
    shares = [] if ring is None else (ring / (hw[1], hw[0])).ravel().tolist()
    return " ".join([str(numbers[name]), *(f"{share:.{_DECIMALS}f}" for share in shares)]) + "\n"


def _object(
    line: str, what: str, hw: tuple[int, int], classes: Sequence[str] | None
) -> LabelledMask:
    first, *rest = line.split()
    if not first.isascii() or not first.isdigit():
        raise _json.wrong(what, "the number of a class", repr(first))
    if classes is not None and int(first) >= len(classes):
        raise _json.wrong(what, f"a class below {len(classes)}", first)
    label = first if classes is None else classes[int(first)]
    ring = _shares(rest, what) * (hw[1], hw[0])
    return _json.labelled(_json.filled([[ring]], hw), label)


def _shares(words: Sequence[str], what: str) -> NDArray[np.float64]:
    try:
        values = np.array(words, np.float64)
    except ValueError as error:
        raise _json.wrong(what, "numbers", error) from error
    if values.size < 6 or values.size % 2:
        expected = "three or more points x y behind the class"
        raise _json.wrong(what, expected, f"{values.size} numbers")
    return values.reshape(-1, 2)
