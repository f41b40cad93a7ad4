"""Photographs beside label images, as few-shot protocols ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.samples import Shot
from biprompt.data.sources import Number

_VOID = 255


@dataclass(frozen=True, slots=True)
class NumberedShots:
    """Photographs beside label images, where class k has the number k + 1.

    Attributes:
        layout: finds the files.
        images: folder of the photographs; names are relative to it and have no suffix.
        labels: folder of the label images, under the same names.
        void: whether 255 marks pixels that do not count.
    """

    layout: Layout
    images: Path
    labels: Path
    void: bool

    def shot(self, name: str, class_id: int) -> Shot:
        """Return an image with the mask of a class.

        Raises:
            DataError: one of the files is missing.
        """
        picture = Picture(self.layout.below(self.images, f"{name}.jpg"))
        labels = self.layout.below(self.labels, f"{name}.png")
        ignore = Number(labels, _VOID) if self.void else None
        return Shot(picture, name, Number(labels, class_id + 1), ignore)
