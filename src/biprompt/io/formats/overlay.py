"""The photograph with every object on it in its colour, as a PNG for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.formats.export import ExportedFile, Written
from biprompt.io.formats.objects import LabelledImage
from biprompt.io.formats.png import image_png

LOST = "The picture is for people: masks and labels cannot be read back from it."


def write(image: LabelledImage, tolerance: float = 0.0) -> Written:
    """Draw the objects in order; a tolerance changes nothing.

    Raises:
        InputError: the image has no pixels.
    """
    return Written((ExportedFile(".png", image_png(picture(image))),), (LOST,))


def picture(image: LabelledImage) -> NDArray[np.uint8]:
    """Return the photograph with its objects on it, drawn in order: `(H, W, 3)` uint8 RGB.

    Raises:
        InputError: the image has no pixels.
    """
    # Imported here: it loads Pillow.
    from biprompt.io.draw import overlay

    if image.pixels is None:
        raise InputError("image", expected="the photograph", actual="none")
    drawn = image.pixels
    for place, thing in enumerate(image.objects):
        drawn = overlay(drawn, thing.mask, color=image.colour(place))
    return drawn
