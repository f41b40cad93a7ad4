"""A file out of a zip archive."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path

from biprompt.errors import WeightsError
from biprompt.io.files import atomic_file


def unpack(archive: Path, target: Path) -> None:
    """Write the one file of an archive that has the name of `target`; its checksum is checked.

    Raises:
        WeightsError: the archive is damaged, or holds no such file or several.
        OutputError: `target` cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [n for n in opened.namelist() if Path(n).name == target.name]
            if len(names) != 1:
                raise _wrong(archive, target, f"{len(names)} of that name")
            with opened.open(names[0]) as source, atomic_file(target, force=True) as file:
                shutil.copyfileobj(source, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _wrong(archive, target, str(error) or "a damaged archive") from error


def _wrong(archive: Path, target: Path, actual: str) -> WeightsError:
    expected = f"a zip archive with one file {target.name}"
    return WeightsError("archive", expected=expected, actual=actual, path=archive)
