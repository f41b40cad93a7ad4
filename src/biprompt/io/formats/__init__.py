"""What a mask can be written as, and how the format is chosen."""

from __future__ import annotations

import os
from typing import Literal

from biprompt.errors import OutputError

Format = Literal["png", "coco"]
"""Name of a format: a black and white PNG, or a COCO document with run lengths."""

FORMATS: tuple[Format, ...] = ("png", "coco")

_BY_SUFFIX: dict[str, Format] = {".png": "png", ".json": "coco"}
_IMAGES = (".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".pgm", ".ppm")
"""Suffixes of formats that are read and never written."""
_BY_NAME: dict[str, Format] = {"png": "png", "coco": "coco", "json": "coco"}


def resolve_format(path: str | os.PathLike[str], format: str | None = None) -> Format:
    """Choose the format a mask is written in: the named one, else the one of the file's suffix.

    Args:
        path: the file to write; only its suffix is looked at.
        format: "png", "coco" (or "json", the same), in any case; None asks the suffix.

    Raises:
        OutputError: an unknown name, a name that the suffix contradicts, or no name and an
            unknown suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1]
    meant = _BY_SUFFIX.get(suffix.lower())
    if format is not None:
        chosen = _BY_NAME.get(format.lower())
        if chosen is None:
            raise OutputError("format", expected="png or coco", actual=repr(format), path=path)
        if meant not in (None, chosen) or suffix.lower() in _IMAGES:
            raise _contradiction(chosen, suffix, path)
        return chosen
    if meant is None:
        expected = ".png or .json, or a format by name (png, coco)"
        raise OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
    return meant


def _contradiction(chosen: Format, suffix: str, path: str | os.PathLike[str]) -> OutputError:
    usual = next(ending for ending, name in _BY_SUFFIX.items() if name == chosen)
    expected = f"a file name that ends in {usual}, for the format {chosen}"
    return OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
