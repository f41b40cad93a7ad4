"""A volume as a stack of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ImageError
from biprompt.io.medical.views import Axis
from biprompt.io.medical.volume import Modality, Volume
from biprompt.io.medical.windows import Window, blank, grey, modality_of, usual_window


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """A volume looked at along one axis, in one window.

    Attributes:
        volume: the numbers.
        axis: what the slices are.
        window: the values shown as black and as white.
        modality: decides what counts as air.
        remarks: for the person, one sentence each.
    """

    volume: Volume = field(repr=False)
    axis: Axis
    window: Window
    modality: Modality
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, volume: Volume, axis: Axis = Axis.AXIAL, *, window: Window | None = None,
        modality: Modality | None = None,
    ) -> Scan:  # fmt: skip
        """Choose what is not said: the modality as `modality_of`, the window as `usual_window`.

        Raises:
            ImageError: the voxels cannot be read, or all are equal.
        """
        if (modality is None and volume.modality is Modality.UNKNOWN) or window is None:
            # Both look at all voxels, which a compressed file gives only from its beginning.
            known = (modality or volume.modality) is Modality.CT
            volume = volume if known else volume.loaded()
        kind = modality or modality_of(volume)
        remarks = volume.notes
        if modality is None and volume.modality is Modality.UNKNOWN:
            said = "CT, as some are far below 0" if kind is Modality.CT else "no CT"
            remarks = (*remarks, f"The file does not say what its values are; taken as {said}.")
        return cls(volume, axis, window or usual_window(volume, kind), kind, remarks)

    @property
    def count(self) -> int:
        """Number of slices."""
        return self.volume.count(self.axis)

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return a slice as an image in radiological view: (H, W, 3) uint8, grey.

        Raises:
            InputError: there is no such slice.
            ImageError: it cannot be read, or nothing can be seen on it: air, or one value.
        """
        plane = self.volume.plane(self.axis, index)
        if reason := blank(plane, self.window, self.modality):
            expected = f"something to see on {self.axis} slice {index}"
            raise ImageError("slice", expected=expected, actual=reason)
        return self._grey(plane)

    def seen(self, index: int) -> NDArray[np.uint8] | None:
        """Return `picture`, or None where nothing can be seen on the slice."""
        plane = self.volume.plane(self.axis, index)
        if blank(plane, self.window, self.modality):
            return None
        return self._grey(plane)

    def shown(self, index: int) -> NDArray[np.uint8]:
        """Return `picture` of any slice, also of one on which there is nothing but black."""
        return self._grey(self.volume.plane(self.axis, index))

    def _grey(self, plane: NDArray[np.float32]) -> NDArray[np.uint8]:
        return grey(plane, self.window, inverted=self.volume.inverted)

    def stack(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return an array of the volume's grid, (I, J, K), as (slices, rows, columns); a view."""
        return self.volume.view(self.axis).stack(array)

    def to_dict(self) -> dict[str, Any]:
        """Return what a person must know to read the answer: plain JSON values, no path."""
        volume, window = self.volume, self.window
        return {
            "kind": volume.kind,
            "shape": list(volume.shape),
            "spacing_mm": [round(step, 6) for step in volume.spacing],
            "orientation": volume.orientation,
            "voxel_ml": volume.voxel_ml,
            "modality": self.modality.value,
            "axis": self.axis.value,
            "slices": self.count,
            "window": {"name": window.name, "low": window.low, "high": window.high},
            "remarks": list(self.remarks),
        }
