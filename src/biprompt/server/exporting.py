"""Masks of a request as a file to download."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from biprompt.io.formats.export import Download, download
from biprompt.io.formats.objects import LabelledImage, LabelledMask, parse_colour
from biprompt.server.refusals import Refusal
from biprompt.server.schemas.export import ExportBody
from biprompt.server.settings import Limits
from biprompt.server.uploads import display_name


def check_export(body: ExportBody, limits: Limits) -> None:
    """Refuse what is too much, before anything is decoded: few letters may be a large mask."""
    if len(body.objects) > limits.objects:
        actual = len(body.objects)
        raise Refusal(422, "objects", expected=f"at most {limits.objects}", actual=actual)
    size = body.image.height * body.image.width
    if size > limits.pixels:
        raise Refusal(413, "image", expected=f"at most {limits.pixels} pixels", actual=size)
    for number, thing in enumerate(body.objects):
        wanted = [body.image.height, body.image.width]
        if thing.mask.size != wanted:
            what = f"mask of object {number}"
            raise Refusal(422, what, expected=f"size {wanted}", actual=thing.mask.size)


def exported(body: ExportBody, pixels: NDArray[np.uint8] | None) -> Download:
    """Write the file; in a thread.

    Args:
        body: what was asked; checked by `check_export`.
        pixels: (H, W, 3) uint8 RGB, for the formats that show the photograph.

    Raises:
        InputError: damaged run lengths, or the format cannot hold this.
    """
    objects = tuple(
        LabelledMask(
            thing.label,
            {"size": thing.mask.size, "counts": thing.mask.counts},
            colour=None if thing.colour is None else parse_colour(thing.colour),
            score=thing.score,
        )
        for thing in body.objects
    )
    hw = (body.image.height, body.image.width)
    image = LabelledImage(display_name(body.image.name), hw, objects, pixels)
    return download(image, body.format, body.tolerance)


def download_headers(file: Download) -> dict[str, str]:
    """Headers that let a browser keep the file under its name, and say what it lost."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in file.name)
    name = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return {"content-disposition": name} | ({"X-Lost": file.lost} if file.lost else {})
