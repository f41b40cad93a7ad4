"""The one table of formats that masks are written in; light, for the command line's help."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from biprompt.errors import OutputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What masks can be written as.

    Attributes:
        name: as `--format` takes it; also the name of the module that writes it.
        title: as a person calls it.
        suffixes: of its files, the usual one first.
        media_type: of its file.
        holes: a hole stays a hole, without help.
        parts: a thing in several parts stays one thing, without help.
        objects: one file holds several things.
        labels: the file says what the things are called.
        outlines: it stores polygons, so a tolerance makes sense.
        pixels: it needs the photograph.
        beside: endings of files that belong beside its file.
        lost: one sentence on what it does not hold; empty when nothing is lost.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    media_type: str
    holes: bool = True
    parts: bool = True
    objects: bool = True
    labels: bool = True
    outlines: bool = False
    pixels: bool = False
    beside: tuple[str, ...] = ()
    lost: str = ""

    @property
    def suffix(self) -> str:
        """The usual ending of its files."""
        return self.suffixes[0]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values: every attribute, and `suffix`."""
        values = {"suffix": self.suffix, **asdict(self)}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}


_ALL = (
    Format(
        name="png",
        title="PNG mask",
        suffixes=(".png",),
        media_type="image/png",
        objects=False,
        labels=False,
        lost="Every object gets a file of its own; labels are in the names of the files only, "
        "colours and scores nowhere.",
    ),
    Format(
        name="labels",
        title="PNG label map",
        suffixes=(".png",),
        media_type="image/png",
        lost="Where objects overlap, the last one takes the pixels; scores are lost, and label "
        "names are in the text of the file, which few programs read.",
    ),
    Format(
        name="overlay",
        title="Overlay",
        suffixes=(".png",),
        media_type="image/png",
        labels=False,
        pixels=True,
        lost="It is a picture for people: masks and labels cannot be read back from it.",
    ),
    Format(
        name="coco",
        title="COCO",
        suffixes=(".json",),
        media_type="application/json",
        lost="Colours are lost.",
    ),
    Format(
        name="yolo",
        title="YOLO segmentation",
        suffixes=(".txt",),
        media_type="text/plain; charset=utf-8",
        holes=False,
        parts=False,
        outlines=True,
        beside=(".classes.txt",),
        lost="Holes and parts are joined by cuts of no width, which some programs draw as thin "
        "lines; empty objects, colours and scores are lost.",
    ),
    Format(
        name="labelme",
        title="LabelMe",
        suffixes=(".json",),
        media_type="application/json",
        holes=False,
        outlines=True,
        lost="Holes are joined to the outline by cuts of no width, which LabelMe draws as thin "
        "lines; empty objects, colours and scores are lost.",
    ),
    Format(
        name="geojson",
        title="GeoJSON",
        suffixes=(".geojson", ".json"),
        media_type="application/geo+json",
        outlines=True,
    ),
)

FORMATS: dict[str, Format] = {format.name: format for format in _ALL}
"""Every format by its name."""

# What a suffix stands for without a format by name.
_BY_SUFFIX = {".png": "png", ".json": "coco", ".txt": "yolo", ".geojson": "geojson"}
_ALIASES = {"json": "coco"}
_IMAGES = (".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".pgm", ".ppm")
"""Suffixes of files that are read and never written."""


def format_names() -> str:
    """Return the names of all formats for a sentence: "png, labels, ... or geojson"."""
    *first, last = FORMATS
    return f"{', '.join(first)} or {last}"


def find_format(name: str, path: str | os.PathLike[str] | None = None) -> Format:
    """Return the format of a name, in any case; "json" stands for COCO.

    Raises:
        OutputError: there is no such format; `path` is only told.
    """
    low = name.lower()
    found = FORMATS.get(_ALIASES.get(low, low))
    if found is None:
        raise OutputError("format", expected=format_names(), actual=repr(name), path=path)
    return found


def resolve_format(path: str | os.PathLike[str], format: str | None = None) -> Format:
    """Choose the format a mask is written in: the named one, else the one of the file's suffix.

    Args:
        path: the file to write; only its suffix is looked at.
        format: as in `find_format`; None asks the suffix: .png, .json (COCO), .txt (YOLO) or
            .geojson.

    Raises:
        OutputError: an unknown name, a name that the suffix contradicts, or no name and an
            unknown suffix.
    """
    suffix = os.path.splitext(os.fspath(path))[1]
    low = suffix.lower()
    if format is not None:
        chosen = find_format(format, path)
        if low not in chosen.suffixes and (low in _BY_SUFFIX or low in _IMAGES):
            expected = f"a file name that ends in {chosen.suffix}, for the format {chosen.name}"
            raise OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
        return chosen
    if low not in _BY_SUFFIX:
        *first, last = _BY_SUFFIX
        usual = f"{', '.join(first)} or {last}"
        expected = f"{usual}, or a format by name ({', '.join(FORMATS)})"
        raise OutputError("file suffix", expected=expected, actual=repr(suffix), path=path)
    return FORMATS[_BY_SUFFIX[low]]


def files_beside(path: str | os.PathLike[str], format: Format) -> list[str]:
    """Return the files that belong beside a file of this format."""
    stem = os.path.splitext(os.fspath(path))[0]
    return [stem + tail for tail in format.beside]
