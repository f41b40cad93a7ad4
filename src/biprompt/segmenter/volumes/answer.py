"""The answer to a prompt on a volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.results import Verdict
from biprompt.segmenter.volumes.scan import Scan

UNNAMED = "object"
"""What is called so that was pointed at and not named."""


@dataclass(frozen=True, slots=True)
class Organ:
    """One thing found in a volume.

    Attributes:
        name: as it was asked, or `UNNAMED`.
        number: of its voxels in the label map, from 1.
        voxels: how many.
        ml: their volume in millilitres.
        slices: the first and the last slice with it; None when it was not found.
        ends: why it was followed no farther, downwards and upwards; empty when it was not followed.
    """

    name: str
    number: int
    voxels: int
    ml: float
    slices: tuple[int, int] | None
    ends: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        slices = None if self.slices is None else list(self.slices)
        return {"name": self.name, "number": self.number, "voxels": self.voxels,
                "ml": round(self.ml, 6), "slices": slices, "ends": list(self.ends)}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class VolumeAnswer:
    """The answer to a prompt on a volume.

    Attributes:
        verdict: found; disagree, when words and pointing mean different things; or absent.
        reason: one sentence for a person.
        labels: (I, J, K) uint8 on the volume's grid: 0, or the number of an organ.
        organs: what was asked for, in the order of the numbers.
        scan: what was looked at.
        model: name of the model.
        phrase: the words that were asked; None without.
    """

    verdict: Verdict
    reason: str
    labels: NDArray[np.uint8] = field(repr=False)
    organs: tuple[Organ, ...]
    scan: Scan
    model: str
    phrase: str | None = None

    @property
    def names(self) -> list[str]:
        """Names of the organs in the order of their numbers."""
        return [organ.name for organ in self.organs]

    def plane(self, index: int) -> NDArray[np.uint8]:
        """Return the labels of one slice in radiological view: (H, W) uint8."""
        return np.ascontiguousarray(self.scan.stack(self.labels)[index])

    def fullest(self) -> int:
        """Return the slice with most labelled voxels, the middle one where there are none."""
        sizes = np.count_nonzero(self.scan.stack(self.labels), axis=(1, 2))
        return int(sizes.argmax()) if sizes.any() else self.scan.count // 2

    def to_dict(self) -> dict[str, Any]:
        """Return the object `--json` prints: plain JSON values, no path and no mask."""
        return {
            "volume": self.scan.to_dict(),
            "model": self.model,
            "phrase": self.phrase,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "organs": [organ.to_dict() for organ in self.organs],
        }


def measure(
    scan: Scan, labels: NDArray[np.uint8], name: str, number: int = 1, ends: Sequence[str] = ()
) -> Organ:
    """Measure an organ of a label map (I, J, K).

    The volume is the number of voxels times the volume of one, which is the determinant of the
    affine.
    """
    stack = scan.stack(labels) == number
    voxels = int(np.count_nonzero(stack))
    filled = np.flatnonzero(stack.any(axis=(1, 2)))
    slices = (int(filled[0]), int(filled[-1])) if voxels else None
    return Organ(name, number, voxels, voxels * scan.volume.voxel_ml, slices, tuple(ends))
