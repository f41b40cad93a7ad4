"""The options of `biprompt segment` that only volumes have, in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

import typer

from biprompt.errors import InputError

HELP = """CT and MR: IMAGE may be a NIfTI file (.nii, .nii.gz), a DICOM file, or a folder with a
DICOM series. Coordinates are then pixels of the slice in radiological view, and -o may also end in
.nii, .nii.gz or, for DICOM, .dcm (a DICOM segmentation). Research software, not a medical device:
nothing it answers is for diagnosis or treatment.

\b
  biprompt segment scan.nii.gz --slice 40 --point 210,180 -o slice.png
  biprompt segment scan.nii.gz --slice 40 --box 150,90,300,260 --volume -o organ.nii.gz
  biprompt segment series/ --text liver --model runs/organ/best --volume -o organ.dcm

Words alone need a model that learnt them from scans; those that come by name learnt them from
photographs and refuse, unless --untrained asks for their guess.
"""

AxisName = Literal["axial", "coronal", "sagittal"]


def _option(name: str, metavar: str, text: str) -> object:
    return typer.Option(name, metavar=metavar, help=f"Volumes: {text}", show_default=False)


Slice = Annotated[
    int | None,
    _option(
        "--slice",
        "N",
        "the slice, from 0; axial ones count from the feet, coronal ones from the back, sagittal "
        "ones from the patient's left.",
    ),
]
Axis = Annotated[
    AxisName | None,
    typer.Option("--axis", help="Volumes: which slices; axial when left out.", show_default=False),
]
Whole = Annotated[
    bool,
    typer.Option(
        "--volume",
        help="Volumes: follow what was marked on --slice through its neighbours, or ask for words "
        "on every slice.",
    ),
]
Window = Annotated[
    str | None,
    _option(
        "--window",
        "W",
        "what is black and what is white: soft-tissue, lung, bone, brain, liver, or LOW,HIGH. "
        "Left out: soft-tissue for CT, the 1st to the 99th percentile for everything else.",
    ),
]
Modality = Annotated[
    Literal["CT", "MR"] | None,
    typer.Option(
        "--modality",
        help="Volumes: what a NIfTI file holds, as it does not say; guessed when left out.",
        show_default=False,
    ),
]
Series = Annotated[
    str | None,
    _option("--series", "N", "which DICOM series of a folder with several; the error lists them."),
]
Every = Annotated[
    int | None,
    _option("--every", "N", "ask for words on every Nth slice only, and follow in between."),
]
Untrained = Annotated[
    bool,
    typer.Option(
        "--untrained",
        help="Volumes: let a model that learnt its words from photographs guess all the same.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeOptions:
    """The options above as typed; None or False where they were not given."""

    slice: int | None = None
    axis: AxisName | None = None
    volume: bool = False
    window: str | None = None
    modality: Literal["CT", "MR"] | None = None
    series: str | None = None
    every: int | None = None
    untrained: bool = False

    def refuse(self, image: Path) -> None:
        """Raise an InputError that names the first one given: there is no volume.

        The path itself is not repeated: it may name a patient.
        """
        actual = "a photograph" if image.is_file() else "no such file or folder"
        actual = "a folder without a DICOM file" if image.is_dir() else actual
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and value is not False:  # 0 was given, too
                expected = "a NIfTI or DICOM volume to go with it"
                raise InputError(f"--{field.name}", expected=expected, actual=actual)

    def check(self, *, marked: bool) -> None:
        """Raise an InputError where options contradict each other.

        Args:
            marked: something is pointed at, and not only named.
        """
        alone = self.volume and not marked
        if self.every is not None and not alone:
            expected = "--volume and words alone to go with it"
            raise InputError("--every", expected=expected, actual="another question")
        if self.every is not None and self.every < 1:
            raise InputError("--every", expected="a whole number, 1 or more", actual=self.every)
        if self.slice is not None and alone:
            expected = "a mark on the slice, or no --slice: words alone ask every slice"
            raise InputError("--slice", expected=expected, actual=self.slice)
