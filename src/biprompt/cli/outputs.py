"""The files an answer goes to: checked before the model runs, written after."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.errors import OutputError

if TYPE_CHECKING:
    from biprompt.results import Segmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where the mask, the overlay and the selection card go.

    Attributes:
        mask: file of the mask.
        format: format of the mask, None to take it from the file's ending.
        tolerance: how far outlines may move, in pixels; for formats that hold outlines.
        overlay: PNG of the photograph with the mask on it.
        card: PNG of the selection card.
        force: replace files that exist.
    """

    mask: Path | None = None
    format: str | None = None
    tolerance: float = 0.0
    overlay: Path | None = None
    card: Path | None = None
    force: bool = False

    @property
    def paths(self) -> list[Path]:
        """The files that were asked for."""
        asked = (self.mask, *self._beside(), self.overlay, self.card)
        return [path for path in asked if path is not None]

    def check(self, *read: Path) -> None:
        """Check everything that can be known before the answer.

        Args:
            read: files that are read, which no output may replace.

        Raises:
            OutputError: a folder instead of a file, a format nobody knows or that the file's
                ending contradicts, one file for two things, a file that exists without `force`,
                or a folder that is not there or not writable.
        """
        for path in (self.mask, self.overlay, self.card):
            if path is not None and os.path.isdir(path):
                raise _wrong(path, "a file name", "a folder")
        self._check_formats()
        from biprompt.io.files import check_writable

        inputs = {os.path.realpath(path) for path in read}
        taken: set[str] = set()
        for path in self.paths:
            real = os.path.realpath(path)
            if real in inputs:
                raise _wrong(path, "a file other than what is read", "the same file")
            if real in taken:
                raise _wrong(path, "one file for each output", "the same file twice")
            taken.add(real)
            check_writable(path, force=self.force)

    def _beside(self) -> list[Path]:
        from biprompt.io.formats import files_beside, resolve_format

        if self.mask is None:
            return []
        return [Path(p) for p in files_beside(self.mask, resolve_format(self.mask, self.format))]

    def _check_formats(self) -> None:
        from biprompt.io.formats import resolve_format
        from biprompt.io.formats.export import check_tolerance

        if self.mask is not None:
            check_tolerance(resolve_format(self.mask, self.format), self.tolerance)
        elif self.format is not None or self.tolerance:
            option = "--tolerance" if self.format is None else "--format"
            raise OutputError(option, expected="-o FILE to go with it", actual="no -o")
        for path in (self.overlay, self.card):
            if path is not None and path.suffix.lower() != ".png":
                raise _wrong(path, "a file name that ends in .png", repr(path.suffix))

    def write(self, answer: Segmentation) -> None:
        """Write every file that was asked for.

        Raises:
            OutputError: one cannot be written after all.
        """
        if self.mask is not None:
            answer.save(self.mask, format=self.format, tolerance=self.tolerance, force=self.force)
        if self.overlay is not None:
            answer.save_overlay(self.overlay, force=self.force)
        if self.card is not None:
            answer.save_card(self.card, force=self.force)


def _wrong(path: Path, expected: str, actual: object) -> OutputError:
    return OutputError("output", expected=expected, actual=actual, path=path)
