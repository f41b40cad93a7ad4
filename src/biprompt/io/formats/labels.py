"""A label map: one PNG whose pixels hold the number of their object, shown in its colour."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.formats import notes
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import LabelledImage, Rgb

MAX_OBJECTS = 255
TEXT_KEY = "biprompt:labels"
"""Keyword of the text in the PNG: a JSON list of the labels of objects 1, 2, ..."""


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Write the label map; a tolerance changes nothing.

    Raises:
        InputError: more objects than fit.
    """
    numbers, overlaps = label_map(image)
    lost = notes.overlapping(overlaps)
    colours = [image.colour(place) for place in range(len(image.objects))]
    png = palette_png(numbers, colours, [thing.label for thing in image.objects])
    return Written((ExportedFile(".png", png),), (lost,) if lost else ())


def label_map(image: LabelledImage) -> tuple[NDArray[np.uint8], int]:
    """Return the number of the object at each pixel, and how many pixels lie in several.

    Returns:
        `(H, W)` uint8: 0 for none, 1 for the first object, and so on; of several, the last.

    Raises:
        InputError: more than MAX_OBJECTS objects.
    """
    if len(image.objects) > MAX_OBJECTS:
        expected = f"at most {MAX_OBJECTS} in a label map"
        raise InputError("objects", expected=expected, actual=len(image.objects))
    numbers = np.zeros(image.hw, np.uint8)
    several = np.zeros(image.hw, np.bool_)
    for number, thing in enumerate(image.objects, start=1):
        mask = thing.mask
        several |= mask & (numbers > 0)
        numbers[mask] = number
    return numbers, int(np.count_nonzero(several))


def palette_png(numbers: NDArray[np.uint8], colours: Sequence[Rgb], labels: Sequence[str]) -> bytes:
    """Encode a map of numbers as a PNG with a palette.

    Args:
        numbers: `(H, W)` uint8, 0 for nothing.
        colours: of numbers 1, 2, ...; 0 is black.
        labels: of numbers 1, 2, ...; kept as text of the file, see `TEXT_KEY`.
    """
    # Imported here: the command line names the formats without loading Pillow.
    from PIL import Image, PngImagePlugin

    picture = Image.fromarray(numbers)
    picture.putpalette([part for colour in [(0, 0, 0), *colours] for part in colour])
    text = PngImagePlugin.PngInfo()
    text.add_itxt(TEXT_KEY, json.dumps(list(labels)))
    stream = BytesIO()
    picture.save(stream, format="PNG", compress_level=4, pnginfo=text)
    return stream.getvalue()
