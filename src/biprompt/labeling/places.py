"""Read from wherever the caller's files are: a local path, or a URL that fsspec knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

from biprompt.errors import DataError, ImageError
from biprompt.io.images import LoadedImage, load_image
from biprompt.labeling.storage import is_url


def open_place(place: str) -> BinaryIO:
    """Open a file for reading.

    Raises:
        DataError: it cannot be opened.
    """
    try:
        if not is_url(place):
            return open(place, "rb")
        from biprompt.labeling.remote import open_filesystem

        files, path = open_filesystem(place)
        return cast(BinaryIO, files.open(path, "rb"))
    except OSError as error:
        actual = error.strerror or (str(error) if is_url(place) else type(error).__name__)
        raise DataError("file", expected="a readable file", actual=actual, path=place) from error


def text_lines(place: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers, from 1; a byte order mark is skipped.

    Raises:
        DataError: the file cannot be read, or a line, which is named, is not UTF-8.
    """
    with open_place(place) as file:
        for number, line in enumerate(file, start=1):
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                actual = f"byte 0x{line[error.start]:02x} at its place {error.start + 1}"
                raise DataError(
                    f"line {number}", expected="UTF-8", actual=actual, path=place
                ) from error


def read_image(source: str) -> LoadedImage:
    """Read an image from a path or URL, as `load_image` does.

    Raises:
        ImageError: it is missing, unreadable or no image.
    """
    if not is_url(source):
        return load_image(source)
    from biprompt.labeling.remote import open_filesystem

    files, path = open_filesystem(source)
    try:
        data = files.cat_file(path)
    except Exception as error:  # every store has errors of its own
        actual = "no such file" if isinstance(error, FileNotFoundError) else error
        raise ImageError(
            "image file", expected="a readable file", actual=actual, path=source
        ) from error
    try:
        return LoadedImage(load_image(data).pixels, source)
    except ImageError as error:
        raise ImageError(
            error.what, expected=error.expected, actual=error.actual, path=source
        ) from error
