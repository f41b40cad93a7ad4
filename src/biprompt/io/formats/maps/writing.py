"""A label map as the files of a format, in memory."""

from __future__ import annotations

import os

from biprompt.errors import InputError
from biprompt.io.formats._json import to_json
from biprompt.io.formats.export import export
from biprompt.io.formats.maps.labels import labels_png
from biprompt.io.formats.maps.named import NamedMap
from biprompt.io.formats.maps.panoptic import (
    panoptic_document,
    panoptic_pixels,
    panoptic_segments,
)
from biprompt.io.formats.maps.registry import MapFormat, files_beside
from biprompt.io.formats.maps.semantic import semantic_document
from biprompt.io.formats.png import image_png


def map_files(
    named: NamedMap, path: str | os.PathLike[str], format: MapFormat, tolerance: float = 0.0
) -> list[tuple[str, bytes]]:
    """Return name and content of every file, what belongs beside `path` before `path` itself.

    Args:
        named: the map.
        path: the file asked for.
        format: what it is written as.
        tolerance: how far outlines may move, in pixels; only for formats that hold outlines.

    Raises:
        InputError: an overlay without the photograph, or a tolerance that is wrong or given for a
            format without outlines.
    """
    name = os.fspath(path)
    if format.objects:
        paths = [name, *files_beside(path, format)]
        written = export(named.objects(), format.name, tolerance).files
        return [(where, f.data) for where, f in zip(paths, written, strict=True)][::-1]
    if tolerance:
        expected = f"0 for the format {format.name}, which has no outlines"
        raise InputError("tolerance", expected=expected, actual=tolerance)
    if format.name == "panoptic":
        return _panoptic(named, name, files_beside(path, format)[0])
    if format.name == "semantic":
        return [(name, to_json(semantic_document(named)))]
    return [(name, overlay_png(named) if format.name == "overlay" else labels_png(named))]


def overlay_png(named: NamedMap) -> bytes:
    """Encode the photograph under its classes, with a legend below.

    Raises:
        InputError: the map has no photograph.
    """
    from biprompt.io.draw.legend import map_picture

    if named.pixels is None:
        raise InputError("image of the map", expected="the photograph", actual="not kept")
    return image_png(map_picture(named.pixels, named.labels, named.names))


def _panoptic(named: NamedMap, name: str, picture: str) -> list[tuple[str, bytes]]:
    segments = panoptic_segments(named)
    document = panoptic_document(named, segments, os.path.basename(picture))
    return [
        (picture, image_png(panoptic_pixels(named, segments))),
        (name, to_json(document)),
    ]
