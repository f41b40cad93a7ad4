"""Masks of one image to a file, and what belongs beside it."""

from __future__ import annotations

import os

from biprompt.io.files import atomic_write, check_writable
from biprompt.io.formats.export import export
from biprompt.io.formats.objects import LabelledImage
from biprompt.io.formats.registry import files_beside, resolve_format


def save_labelled(
    image: LabelledImage, path: str | os.PathLike[str], format: str | None = None, *,
    tolerance: float = 0.0, force: bool = False,
) -> None:  # fmt: skip
    """Write the masks of an image, completely or not at all.

    Args:
        image: the masks; with pixels where the format needs them.
        path: the file to write.
        format: name of a format; None asks the suffix of `path`.
        tolerance: how far outlines may move, in pixels, for formats that hold outlines.
        force: replace existing files.

    Raises:
        OutputError: unknown format or one that the suffix contradicts, a file exists, or one
            cannot be written.
        InputError: a tolerance that is wrong, or no pixels and the format needs them.
    """
    check_writable(path, force=force)
    chosen = resolve_format(path, format)
    paths = [os.fspath(path), *files_beside(path, chosen)]
    for name in paths[1:]:
        check_writable(name, force=force)
    written = export(image, chosen.name, tolerance)
    # The file itself comes last: once it is there, what belongs beside it is too.
    for name, file in reversed(list(zip(paths, written.files, strict=True))):
        atomic_write(name, file.data, force=force)
