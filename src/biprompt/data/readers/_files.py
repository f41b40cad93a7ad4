"""What every reader needs of the disk, with errors that name the file and say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from biprompt.errors import DataError

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
"""Suffixes of photographs, in lower case."""


class Layout:
    """A data set's folder, asked for its files.

    Attributes:
        name: the data set, as `biprompt data` lists it.
        root: the folder that the caller gave.
    """

    __slots__ = ("name", "root")

    def __init__(self, name: str, root: str | Path) -> None:
        """Take the folder.

        Raises:
            DataError: it is not there.
        """
        self.name = name
        self.root = Path(root)
        if not self.root.is_dir():
            raise self.missing("data folder", self.root)

    def folder(self, *choices: str) -> Path:
        """Return the first of some folders below the root that exists.

        Raises:
            DataError: none does; the first is named.
        """
        for choice in choices:
            if (self.root / choice).is_dir():
                return self.root / choice
        raise self.missing("folder", self.root / choices[0], self._others(choices))

    def file(self, *choices: str) -> Path:
        """Return the first of some files below the root that exists.

        Raises:
            DataError: none does; the first is named.
        """
        for choice in choices:
            if (self.root / choice).is_file():
                return self.root / choice
        raise self.missing("file", self.root / choices[0], self._others(choices))

    def present(self, path: Path) -> Path:
        """Return a file that must exist, as an index names it.

        Raises:
            DataError: it does not.
        """
        if path.is_file():
            return path
        raise self.missing("file", path)

    def below(self, folder: Path, name: object) -> Path:
        """Return the existing file that an index names relative to a folder.

        Raises:
            DataError: it is missing, or the name leads out of the folder.
        """
        parts = PurePosixPath(str(name))
        if not parts.name or parts.is_absolute() or ".." in parts.parts:
            raise DataError("file name", expected=f"a path below {folder}", actual=name)
        return self.present(folder / parts)

    def split(self, split: str, known: Iterable[str]) -> str:
        """Return a split that the data set has.

        Raises:
            DataError: it has none of that name.
        """
        names = tuple(known)
        if split in names:
            return split
        expected = ", ".join(names) or "a split (there is none)"
        raise DataError(f"split of {self.name}", expected=expected, actual=split, path=self.root)

    def missing(self, what: str, path: Path, others: str = "") -> DataError:
        """Return the error for something that is not there."""
        hint = f"it to be there{others} (see: biprompt data where {self.name})"
        return DataError(what, expected=hint, actual="nothing", path=path)

    def _others(self, choices: Sequence[str]) -> str:
        rest = " or ".join(choices[1:])
        return f", or {rest}" if rest else ""


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a list of names, without spaces around them; empty ones are left out.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise DataError("list", expected="a text file", actual=error, path=path) from error
    for line in text.splitlines():
        if line.strip():
            yield line.strip()


def pictures(folder: Path) -> list[Path]:
    """Return the photographs of a folder, sorted by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
