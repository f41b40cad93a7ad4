"""The files that the answer for a volume goes to: checked before the model runs, written after."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from biprompt.cli.outputs import Outputs
from biprompt.errors import OutputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from biprompt.io.medical.dicom_seg import Algorithm
    from biprompt.io.medical.volume import Volume
    from biprompt.results import Segmentation
    from biprompt.segmenter.volumes import VolumeAnswer


@dataclass(frozen=True, slots=True)
class VolumeOutputs:
    """Where answers go: a label map on the volume's grid, or pictures of a slice.

    Attributes:
        labels: .nii, .nii.gz or .dcm; None when the mask is not asked for on the grid.
        pictures: the mask of a slice, its overlay and its selection card.
    """

    labels: Path | None
    pictures: Outputs

    @classmethod
    def of(cls, asked: Outputs) -> VolumeOutputs:
        """Tell by the ending of the mask's file which it is."""
        from biprompt.io.medical.files import is_label_file

        if asked.mask is None or not is_label_file(asked.mask):
            return cls(None, asked)
        if asked.format is not None or asked.tolerance:
            option = "--tolerance" if asked.format is None else "--format"
            expected = "a mask of a slice (.png, .json and others) to go with it"
            raise OutputError(option, expected=expected, actual="a label map of the volume")
        return cls(asked.mask, replace(asked, mask=None))

    @property
    def paths(self) -> list[Path]:
        """The files that were asked for."""
        return [*([] if self.labels is None else [self.labels]), *self.pictures.paths]

    def check(self, volume: Volume, *read: Path, whole: bool) -> None:
        """Check everything that can be known before the answer.

        Args:
            volume: what the answer is for.
            read: files that are read besides the volume.
            whole: the answer is for the whole volume, not for a slice.

        Raises:
            OutputError: as `Outputs.check`; a file of the volume would be replaced; a picture of
                a slice is asked for a whole volume; or DICOM for a volume that is not.
        """
        from biprompt.io.files import check_writable
        from biprompt.io.medical.files import LABEL_SUFFIXES, check_label_file
        from biprompt.io.medical.source import DicomSeries

        source = volume.source
        sources = source.files if isinstance(source, DicomSeries) else ()
        if whole and self.pictures.mask is not None:
            expected = f"a file name that ends in {', '.join(LABEL_SUFFIXES)} (with --volume)"
            actual = repr(self.pictures.mask.suffix)
            raise OutputError("output", expected=expected, actual=actual)
        if whole and self.pictures.card is not None:
            raise OutputError("--card", expected="one slice to go with it", actual="--volume")
        own = [] if self.labels is None else [self.labels]
        self.pictures.check(*read, *sources, *own)
        if self.labels is not None:
            if os.path.realpath(self.labels) in {os.path.realpath(p) for p in (*read, *sources)}:
                expected = "a file other than what is read"
                raise OutputError("output", expected=expected, actual="the same file")
            check_label_file(self.labels, volume)
            check_writable(self.labels, force=self.pictures.force)

    def write_slice(
        self, answer: Segmentation, labels: NDArray[np.uint8], name: str, volume: Volume,
        algorithm: Algorithm,
    ) -> None:  # fmt: skip
        """Write every file that was asked for about a slice; `labels` is (I, J, K)."""
        self.pictures.write(answer)
        self.write_labels(labels, [name], volume, algorithm)

    def write_volume(self, answer: VolumeAnswer, index: int, algorithm: Algorithm) -> None:
        """Write the label map, and the overlay of slice `index`."""
        if self.pictures.overlay is not None:
            from biprompt.io.draw import overlay
            from biprompt.io.files import atomic_write
            from biprompt.io.formats.png import image_png

            picture = overlay(answer.scan.shown(index), answer.plane(index) > 0)
            atomic_write(self.pictures.overlay, image_png(picture), force=self.pictures.force)
        self.write_labels(answer.labels, answer.names, answer.scan.volume, algorithm)

    def write_labels(
        self, labels: NDArray[np.uint8], names: list[str], volume: Volume, algorithm: Algorithm
    ) -> None:
        """Write the label map (I, J, K), where it was asked for."""
        if self.labels is None:
            return
        from biprompt.io.medical.files import write_labels

        force = self.pictures.force
        write_labels(self.labels, labels, names, volume, algorithm, force=force)
