"""The files a label map goes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.cli.outputs import Outputs
from biprompt.errors import OutputError
from biprompt.io.formats.maps.registry import files_beside, resolve_format

if TYPE_CHECKING:
    from biprompt.results import LabelMap


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOutputs(Outputs):
    """Where a label map and its overlay go; `mask` is the file of the map."""

    @classmethod
    def of(cls, outputs: Outputs) -> MapOutputs:
        """Take the files that were typed; OutputError for a card, which a map does not have."""
        if outputs.card is not None:
            expected = "no selection card beside --classes"
            raise OutputError("--card", expected=expected, actual=outputs.card)
        return cls(
            mask=outputs.mask, format=outputs.format, tolerance=outputs.tolerance,
            overlay=outputs.overlay, force=outputs.force,
        )  # fmt: skip

    def write_map(self, found: LabelMap) -> None:
        """Write every file that was asked for; OutputError where one cannot be written."""
        if self.mask is not None:
            found.save(self.mask, format=self.format, tolerance=self.tolerance, force=self.force)
        if self.overlay is not None:
            found.save_overlay(self.overlay, force=self.force)

    def _beside(self) -> list[Path]:
        if self.mask is None:
            return []
        return [Path(p) for p in files_beside(self.mask, resolve_format(self.mask, self.format))]

    def _check_formats(self) -> None:
        if self.mask is not None:
            resolve_format(self.mask, self.format)
        elif self.format is not None or self.tolerance:
            option = "--tolerance" if self.format is None else "--format"
            raise OutputError(option, expected="-o FILE to go with it", actual="no -o")
        if self.overlay is not None and self.overlay.suffix.lower() != ".png":
            expected, actual = "a file name that ends in .png", repr(self.overlay.suffix)
            raise OutputError("output", expected=expected, actual=actual, path=self.overlay)
