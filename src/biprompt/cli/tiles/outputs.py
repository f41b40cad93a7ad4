"""The files that the answer for a large image goes to: checked before the model runs."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.cli.outputs import Outputs
from biprompt.errors import OutputError

if TYPE_CHECKING:
    from biprompt.segmenter.tiles import LargeSegmentation


@dataclass(frozen=True, slots=True)
class LargeOutputs:
    """Where the mask, a reduced overlay, and of a single tile the selection card go.

    Attributes:
        asked: the files as typed.
    """

    asked: Outputs

    @property
    def paths(self) -> list[Path]:
        """The files that were asked for."""
        asked = (self.asked.mask, self.asked.overlay, self.asked.card)
        return [path for path in asked if path is not None]

    def check(self, *read: Path) -> None:
        """Check everything that can be known before the image is opened.

        Raises:
            OutputError: as `Outputs.check`, or a format that large masks are not written in.
            InputError: a tolerance for a format without outlines.
            MissingExtraError: TIFF needs the extra `geo`.
        """
        from biprompt.segmenter.tiles.saving import check_output

        mask = self.asked.mask
        if mask is None:
            self.asked.check(*read)
            return
        if os.path.realpath(mask) in {os.path.realpath(path) for path in read}:
            expected = "a file other than what is read"
            raise OutputError("output", expected=expected, actual="the same file", path=mask)
        check_output(mask, self.asked.format, self.asked.tolerance, force=self.asked.force)
        replace(self.asked, mask=None, format=None, tolerance=0.0).check(mask, *read)

    def check_card(self, hw: tuple[int, int], tile: int) -> None:
        """Raise OutputError where a selection card is asked for an image of several tiles."""
        if self.asked.card is not None and max(hw) > tile:
            expected = f"an image of one tile, at most {tile} pixels wide and high, to go with it"
            raise OutputError("--card", expected=expected, actual=f"{hw[1]} x {hw[0]} pixels")

    def write(self, answer: LargeSegmentation) -> None:
        """Write every file that was asked for.

        Raises:
            OutputError: one cannot be written after all.
        """
        from biprompt.io.files import atomic_write
        from biprompt.io.formats.png import image_png

        asked = self.asked
        if asked.mask is not None:
            answer.save(asked.mask, asked.format, tolerance=asked.tolerance, force=asked.force)
        if asked.overlay is not None:
            atomic_write(asked.overlay, image_png(answer.overview()), force=asked.force)
        if asked.card is not None and answer.whole is not None:
            answer.whole.save_card(asked.card, force=asked.force)
