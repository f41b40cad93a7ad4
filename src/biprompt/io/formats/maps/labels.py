"""A label map as one PNG whose pixels hold the number of their class."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np

from biprompt.io.formats.labels import TEXT_KEY, palette_png
from biprompt.io.formats.maps.colours import class_colours
from biprompt.io.formats.maps.named import NamedMap

MAX_PALETTE = 255
"""Most classes of a PNG with a palette; more are written as 16-bit grey."""


def labels_png(named: NamedMap) -> bytes:
    """Encode a label map; the names are in the text of the file, see `labels.TEXT_KEY`.

    Up to MAX_PALETTE classes: 8 bits with a palette, 0 black. More: 16-bit grey, which pictures
    as black and programs read as numbers all the same.
    """
    if len(named.names) <= MAX_PALETTE:
        colours = class_colours(len(named.names))
        return palette_png(named.labels.astype(np.uint8), colours, named.names)
    # Imported here: the command line names the formats without loading Pillow.
    from PIL import Image, PngImagePlugin

    text = PngImagePlugin.PngInfo()
    text.add_itxt(TEXT_KEY, json.dumps(list(named.names)))
    stream = BytesIO()
    picture = Image.fromarray(named.labels.astype(np.uint16))
    picture.save(stream, format="PNG", compress_level=4, pnginfo=text)
    return stream.getvalue()
