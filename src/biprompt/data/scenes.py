"""Scenes: a photograph with its labelled masks and what is known to be in it.

Frame: pixels of the scene's own image. `crops` and `mixing` make new scenes of them for training.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.data.profiles import flip_label


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One photograph and what is known to be in it."""

    image: NDArray[np.uint8]
    """``(H, W, 3)`` RGB."""
    masks: NDArray[np.bool_]
    """``(N, H, W)``."""
    labels: tuple[str | None, ...]
    """Name of each mask; None where nobody named it."""
    things: tuple[bool, ...]
    """False for a class-level mask (sky, hair), which may have several parts."""
    many: tuple[bool, ...]
    """True for a class-level mask that usually holds several instances (cars in a street)."""
    known: frozenset[str]
    """Names of which it is known whether they are in the photograph."""
    hidden: frozenset[str]
    """Labels in the photograph of which some masks are left out; nothing may be said of them."""
    mixed: bool = False
    """Whether it is made of several photographs: then only known names may be used."""

    def keep(self, rows: NDArray[np.intp]) -> Scene:
        """The scene with only these masks."""
        return replace(
            self,
            masks=self.masks[rows],
            labels=tuple(self.labels[i] for i in rows),
            things=tuple(self.things[i] for i in rows),
            many=tuple(self.many[i] for i in rows),
        )

    def without_small(self, least: int) -> Scene:
        """The masks of at least ``least`` pixels; the labels of smaller ones become hidden."""
        area = self.masks.sum((1, 2))
        small = np.flatnonzero((area > 0) & (area < least))
        hidden = self.hidden.union(label for i in small if (label := self.labels[i]))
        return replace(self.keep(np.flatnonzero(area >= least)), hidden=hidden)

    def mirrored_names(self) -> Scene:
        """The same masks under the names of a mirrored photograph: left and right change."""
        return replace(
            self,
            labels=tuple(flip_label(label) if label else None for label in self.labels),
            hidden=frozenset(flip_label(label) for label in self.hidden),
        )
