"""The one table of what label maps are written as; light, for the command line's help."""

from __future__ import annotations

import os
from dataclasses import dataclass

from biprompt.errors import OutputError
from biprompt.io.formats.registry import FORMATS


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFormat:
    """What a label map can be written as.

    Attributes:
        name: as `--format` takes it.
        title: as a person calls it.
        suffixes: of its file, the usual one first.
        beside: endings of files that belong beside its file.
        objects: the map is written as masks under their names, by the format of that name.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    beside: tuple[str, ...] = ()
    objects: bool = False


def _as_objects(name: str) -> MapFormat:
    known = FORMATS[name]
    return MapFormat(
        name=name, title=known.title, suffixes=known.suffixes, beside=known.beside, objects=True
    )


_ALL = (
    MapFormat(name="labels", title="PNG label map", suffixes=(".png",)),
    MapFormat(name="panoptic", title="COCO panoptic", suffixes=(".json",), beside=(".png",)),
    MapFormat(name="semantic", title="COCO semantic", suffixes=(".json",)),
    MapFormat(name="overlay", title="Overlay with legend", suffixes=(".png",)),
    *(_as_objects(name) for name in ("coco", "yolo", "labelme", "geojson")),
)

MAP_FORMATS: dict[str, MapFormat] = {format.name: format for format in _ALL}
"""Every format of label maps by its name."""

_BY_SUFFIX = {".png": "labels", ".json": "panoptic", ".txt": "yolo", ".geojson": "geojson"}


def map_format_names() -> str:
    """Return the names for a sentence: "labels, panoptic, ... or geojson"."""
    *first, last = MAP_FORMATS
    return f"{', '.join(first)} or {last}"


def resolve_format(path: str | os.PathLike[str], format: str | None = None) -> MapFormat:
    """Choose what a label map is written as: the named one, else the one of the file's suffix.

    Args:
        path: the file to write; only its suffix is looked at.
        format: name, in any case; None asks the suffix: .png (labels), .json (panoptic), .txt
            (YOLO) or .geojson.

    Raises:
        OutputError: an unknown name, a name that the suffix contradicts, or no name and an
            unknown suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if format is None:
        if suffix not in _BY_SUFFIX:
            expected = f"{', '.join(_BY_SUFFIX)}, or a format by name ({map_format_names()})"
            raise OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
        return MAP_FORMATS[_BY_SUFFIX[suffix]]
    chosen = MAP_FORMATS.get(format.lower())
    if chosen is None:
        expected = f"{map_format_names()}, for a label map"
        raise OutputError("format", expected=expected, actual=repr(format), path=path)
    if suffix not in chosen.suffixes:
        expected = f"a file name that ends in {chosen.suffixes[0]}, for the format {chosen.name}"
        raise OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
    return chosen


def files_beside(path: str | os.PathLike[str], format: MapFormat) -> list[str]:
    """Return the files that belong beside a file of this format."""
    stem = os.path.splitext(os.fspath(path))[0]
    return [stem + tail for tail in format.beside]
