"""Write the masks of an image in any format: files in memory, and what was lost on the way."""

from __future__ import annotations

import importlib
import zipfile
from dataclasses import dataclass, field, replace
from io import BytesIO

from biprompt.errors import InputError
from biprompt.io.formats import notes
from biprompt.io.formats.names import safe_stem
from biprompt.io.formats.objects import LabelledImage
from biprompt.io.formats.registry import Format, find_format
from biprompt.masks import simplify

_EPOCH = (1980, 1, 1, 0, 0, 0)
_ORDINARY_FILE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export.

    Attributes:
        tail: what its name ends in, after the name that the caller gives to all: ".json".
        data: its content.
    """

    tail: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Written:
    """What a format's module makes of an image.

    Attributes:
        files: at least one; the first is the one that a single file name stands for.
        lost: one sentence for each thing that these masks lost in this format, in ASCII.
    """

    files: tuple[ExportedFile, ...]
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Download:
    """One file to hand over.

    Attributes:
        name: safe as a file name on every usual system; may hold letters of any script.
        media_type: of the data.
        data: its content.
        lost: what these masks lost in this format, in ASCII; empty when nothing.
    """

    name: str
    media_type: str
    data: bytes = field(repr=False)
    lost: str = ""


def export(image: LabelledImage, format: str, tolerance: float = 0.0) -> Written:
    """Write the masks of an image.

    Args:
        image: the masks; with pixels where the format needs them.
        format: name of a format, as in `find_format`.
        tolerance: how far outlines may move, in pixels, as in `mask_polygons`.

    Raises:
        OutputError: there is no such format.
        InputError: the format cannot hold this at all, it needs the photograph, or a tolerance is
            wrong or given for a format without outlines.
    """
    chosen = find_format(format)
    check_tolerance(chosen, tolerance)
    if chosen.pixels and image.pixels is None:
        raise InputError("image", expected="the photograph", actual="none")
    module = importlib.import_module(f"biprompt.io.formats.{chosen.name}")
    written: Written = module.write(image, tolerance)
    moved = notes.moved(tolerance)
    return replace(written, lost=(*written.lost, moved)) if moved else written


def check_tolerance(format: Format, tolerance: float) -> None:
    """Raise InputError for a tolerance below 0, or one for a format without outlines."""
    simplify.check_tolerance(tolerance)
    if tolerance and not format.outlines:
        expected = f"0 for the format {format.name}, which has no outlines"
        raise InputError("tolerance", expected=expected, actual=tolerance)


def download(image: LabelledImage, format: str, tolerance: float = 0.0) -> Download:
    """Write the masks of an image as one file: a ZIP archive where the format takes several.

    Args and errors as in `export`. The file is called after the image.
    """
    written = export(image, format, tolerance)
    stem, lost = safe_stem(image.file_name), " ".join(written.lost)
    if len(written.files) > 1:
        return Download(f"{stem}.zip", "application/zip", _archive(stem, written), lost)
    (only,) = written.files
    return Download(stem + only.tail, find_format(format).media_type, only.data, lost)


def _archive(stem: str, written: Written) -> bytes:
    """Return the same bytes for the same files, whenever they are packed."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for file in written.files:
            entry = zipfile.ZipInfo(stem + file.tail, _EPOCH)
            entry.external_attr = _ORDINARY_FILE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.data)
    return stream.getvalue()
