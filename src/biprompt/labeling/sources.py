"""Which images there are: a folder, a list, a pattern, a COCO file, a URL; always in one order."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import PurePath, PurePosixPath

from biprompt.errors import DataError, InputError
from biprompt.labeling.places import text_lines
from biprompt.labeling.prompts.coco import image_names, read_document
from biprompt.labeling.storage import is_url

SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif"),
    *(".pgm", ".ppm", ".pbm", ".pnm"),
)
"""Endings of files that count as images where a folder is searched, in any case."""

Source = tuple[str, str]
"""What an image is called, a relative path with "/", and the path or URL where it is."""


def list_images(given: str, *, without: str | None = None) -> Iterator[Source]:
    """Yield the images that were named, in an order that hangs on their names only.

    Args:
        given: a folder, searched with its subfolders; a file that ends in .txt, with a path in each
            line; a COCO file that ends in .json; a pattern with * or ?; one image; or a URL of a
            folder, a list or a COCO file. Paths in a file count from its folder; for a COCO file
            from the folder `images` beside it, where there is one.
        without: a local folder that is not searched: where the results go.

    Raises:
        DataError: a list cannot be read, or names an image twice.
        InputError: there is nothing of this name.
    """
    suffix = os.path.splitext(given)[1].lower()
    if suffix == ".txt":
        return _once(_listed(given), given)
    if suffix == ".json":
        return _once(_in_coco(given), given)
    if is_url(given):
        return _behind_url(given)
    if os.path.isdir(given):
        return _in_folder(given, without)
    if os.path.isfile(given):
        return iter([(os.path.basename(given), given)])
    if glob.has_magic(given):
        return _matching(given)
    expected = "a folder, a .txt list, a COCO .json, a pattern or an image"
    raise InputError("images", expected=expected, actual="nothing there", path=given)


def relative_name(path: str) -> str:
    """Return a path as the name of an image: relative, with "/", and not out of its folder."""
    parts = PurePosixPath(PurePath(path).as_posix()).parts
    return "/".join(part for part in parts if part not in ("/", "..", "."))


def missing_source(given: str, name: str) -> str:
    """Return where an image would be that a prompt names and `list_images` did not find."""
    if is_url(given):
        return f"{given.rstrip('/')}/{name}"
    return os.path.join(given, name) if os.path.isdir(given) else name


def _in_folder(root: str, without: str | None) -> Iterator[Source]:
    left_out = None if without is None else os.path.realpath(without)
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(os.path.join(folder, name)) != left_out
        )
        for name in sorted(files):
            if _is_image(name):
                path = os.path.join(folder, name)
                yield relative_name(os.path.relpath(path, root)), path


def _listed(place: str) -> Iterator[Source]:
    for _, line in text_lines(place):
        path = line.rstrip("\r\n")
        if path.strip():
            yield relative_name(_below(place, path)), _beside(place, path)


def _in_coco(place: str) -> Iterator[Source]:
    folder = place
    if not is_url(place) and os.path.isdir(os.path.join(os.path.dirname(place), "images")):
        folder = os.path.join(os.path.dirname(place), "images", "x")
    for _, name, _ in image_names(read_document(place), place):
        yield relative_name(name), _beside(folder, name)


def _matching(pattern: str) -> Iterator[Source]:
    parts = PurePath(pattern).parts
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    root = os.path.join(*parts[:fixed]) if fixed else "."
    for path in sorted(glob.iglob(pattern, recursive=True)):
        if os.path.isfile(path) and _is_image(path):
            yield relative_name(os.path.relpath(path, root)), path


def _behind_url(url: str) -> Iterator[Source]:
    from biprompt.labeling.remote import open_filesystem

    files, root = open_filesystem(url)
    try:
        found = sorted(files.find(root))
    except FileNotFoundError:
        found = []
    if found == [root]:
        yield root.rpartition("/")[2], url
        return
    for path in found:
        if _is_image(path):
            name = path[len(root) :].lstrip("/")
            yield relative_name(name), f"{url.rstrip('/')}/{name}"


def _once(sources: Iterator[Source], place: str) -> Iterator[Source]:
    seen: set[int] = set()
    for name, source in sources:
        # Hashes: of a million names only the numbers stay in memory.
        if hash(name) in seen:
            raise DataError("images", expected="each once", actual=f"{name} twice", path=place)
        seen.add(hash(name))
        yield name, source


def _is_image(path: str) -> bool:
    hidden = re.split(r"[/\\]", path)[-1].startswith(".")  # some systems leave ._photo.jpg
    return path.lower().endswith(SUFFIXES) and not hidden


def _beside(place: str, path: str) -> str:
    if is_url(path) or os.path.isabs(path):
        return path
    base = place.rpartition("/")[0] if is_url(place) else os.path.dirname(place)
    return f"{base}/{path}" if is_url(place) else os.path.join(base, path)


def _below(place: str, path: str) -> str:
    """A listed path from the list's folder, where it lies below that; else as it is."""
    if is_url(path):
        return re.sub(r"^\w+://", "", path)
    if os.path.isabs(path) and not is_url(place):
        inside = os.path.relpath(path, os.path.dirname(os.path.abspath(place)))
        return path if inside.startswith("..") else inside
    return path
