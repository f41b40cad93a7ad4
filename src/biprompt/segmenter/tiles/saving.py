"""Large masks as files: TIFF, PNG, COCO and GeoJSON, written by rows or by parts."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError, OutputError
from biprompt.io.files import atomic_file, atomic_write, check_writable
from biprompt.io.formats._json import to_json
from biprompt.io.formats.coco import coco_document
from biprompt.io.formats.objects import DEFAULT_LABEL, LabelledImage, LabelledMask
from biprompt.io.raster import geojson, geotiff
from biprompt.masks import BitMask
from biprompt.masks.bit_parts import one_part
from biprompt.masks.simplify import check_tolerance

if TYPE_CHECKING:
    from biprompt.segmenter.tiles.answer import LargeSegmentation

FORMATS = {"tiff": (".tif", ".tiff"), "png": (".png",), "coco": (".json",),
           "geojson": (".geojson", ".json")}  # fmt: skip
"""Name of each format and the endings of its files."""
_SUFFIXES = {".tif": "tiff", ".tiff": "tiff", ".png": "png", ".json": "coco",
             ".geojson": "geojson"}  # fmt: skip
_PNG_ROWS = 256


def find_format(path: str | os.PathLike[str], format: str | None = None) -> str:
    """Return the name of the format a large mask is written in.

    Raises:
        OutputError: a name or an ending that is none of them, or that contradict each other.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    name = _SUFFIXES.get(suffix) if format is None else format.lower()
    if name not in FORMATS or (format is not None and suffix not in FORMATS[name]):
        *first, last = _SUFFIXES
        expected = f"a file name that ends in {', '.join(first)} or {last}"
        if format is not None:
            expected += f", and one of the formats {', '.join(FORMATS)} that fits it"
        raise OutputError("format of a large mask", expected=expected,
                          actual=repr(suffix if format is None else format), path=path)  # fmt: skip
    return name


def check_output(
    path: str | os.PathLike[str], format: str | None, tolerance: float, *, force: bool
) -> str:
    """Return the format, when everything that can be known before the answer is right.

    Raises:
        OutputError: as `find_format`, the file exists, or it cannot be written.
        InputError: a tolerance below 0 or for a format without outlines.
        MissingExtraError: TIFF needs the extra `geo`.
    """
    chosen = find_format(path, format)
    check_tolerance(tolerance)
    if tolerance and chosen != "geojson":
        expected = f"0 for the format {chosen}, which has no outlines"
        raise InputError("tolerance", expected=expected, actual=tolerance)
    if chosen == "tiff":
        geotiff.rasterio_module()
    check_writable(path, force=force)
    return chosen


def save(
    answer: LargeSegmentation, path: str | os.PathLike[str], format: str | None = None, *,
    tolerance: float = 0.0, force: bool = False,
) -> None:  # fmt: skip
    """See `LargeSegmentation.save`."""
    chosen = check_output(path, format, tolerance, force=force)
    if chosen == "tiff":
        geotiff.write_mask(os.fspath(path), answer.mask, answer.reference, force=force)
    elif chosen == "png":
        write_png(path, answer.mask, force=force)
    else:
        coco = chosen == "coco"
        made = coco_document([labelled(answer)]) if coco else _geojson(answer, tolerance)
        atomic_write(path, to_json(made), force=force)


def labelled(answer: LargeSegmentation) -> LabelledImage:
    """Return the mask under its phrase, none when empty; InputError for too many pixels."""
    label, there = answer.phrase or DEFAULT_LABEL, len(answer.parts) > 0
    found = (LabelledMask(label, answer.mask.rle()),) if there else ()
    return LabelledImage(_name(answer), answer.mask.hw, found)


def write_png(path: str | os.PathLike[str], mask: BitMask, *, force: bool = False) -> None:
    """Write a mask as a PNG of one bit a pixel, white inside, a few rows at a time.

    Raises:
        OutputError: the file exists without `force`, or it cannot be written.
    """
    height, width = mask.hw
    header = b"".join((width.to_bytes(4, "big"), height.to_bytes(4, "big"), bytes([1, 0, 0, 0, 0])))
    with atomic_file(path, force=force) as file:
        file.write(b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header))
        for packed in _packed(mask):
            file.write(_chunk(b"IDAT", packed))
        file.write(_chunk(b"IEND", b""))


def shrunk(mask: BitMask, hw: tuple[int, int]) -> NDArray[np.bool_]:
    """Return a mask at a smaller size, `(h, w)` bool: set where any of its pixels is."""
    edges = np.arange(hw[0] + 1) * mask.hw[0] // hw[0]
    columns = np.arange(hw[1]) * mask.hw[1] // hw[1]
    small = np.zeros(hw, np.bool_)
    for row in range(hw[0]):
        any_row = np.bitwise_or.reduce(np.asarray(mask.bits[edges[row] : edges[row + 1]]), axis=0)
        bits = np.unpackbits(any_row, count=mask.hw[1])
        small[row] = np.logical_or.reduceat(bits, columns)
    return small


def _packed(mask: BitMask) -> Iterator[bytes]:
    """The compressed rows, each behind the number of its filter, 0."""
    packer = zlib.compressobj(4)
    for top in range(0, mask.hw[0], _PNG_ROWS):
        rows = np.asarray(mask.bits[top : top + _PNG_ROWS])
        if packed := packer.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes()):
            yield packed
    yield packer.flush()


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + kind + data + check


def _name(answer: LargeSegmentation) -> str:
    path = answer.raster.path or "image"
    return os.fsencode(os.path.basename(path)).decode(errors="replace")


def _geojson(answer: LargeSegmentation, tolerance: float) -> dict[str, Any]:
    """Every connected part as a feature of its own."""
    mask, parts, label = answer.mask, answer.parts, answer.phrase or DEFAULT_LABEL
    masks = (one_part(mask, parts, number) for number in range(len(parts)))
    found = geojson.features(masks, label, answer.reference, tolerance)
    return geojson.document(found, _name(answer), mask.hw, answer.reference)
