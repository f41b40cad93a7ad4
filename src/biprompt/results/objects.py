"""Everything that was found in an image, and the files it can be saved as."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.masks import Rle, rle_area, rle_bbox, rle_decode
from biprompt.results._plain import BoolArray, number
from biprompt.results.card import Verdict
from biprompt.results.shown import Shown

if TYPE_CHECKING:
    import numpy as np

    from biprompt.io.formats.objects import LabelledImage


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One thing. Holds run lengths: a thousand of a large image need little memory.

    Attributes:
        rle: its mask as COCO run lengths, original frame.
        score: predicted IoU.
        stability: 0 to 1, how little the mask changes when its threshold moves.
        point: the click `(x, y)` that found it, pixels of the original image.
        window: `(x0, y0, x1, y1)`, the part of the image that the model looked at.
        label: its name from a class list; None without one that fits.
        share: how much of it that class covers; None without a name.
    """

    rle: Rle = field(repr=False)
    score: float
    stability: float
    point: tuple[float, float]
    window: tuple[int, int, int, int]
    label: str | None = None
    share: float | None = None

    @property
    def mask(self) -> BoolArray:
        """`(H, W)` bool, made anew at each call."""
        return rle_decode(self.rle)

    @property
    def area(self) -> int:
        """Pixels of the mask."""
        return rle_area(self.rle)

    @property
    def bbox(self) -> list[int]:
        """[x, y, width, height] in pixels."""
        return rle_bbox(self.rle)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "label": self.label,
            "share": number(self.share),
            "score": number(self.score),
            "stability": number(self.stability),
            "point": [number(value) for value in self.point],
            "window": list(self.window),
            "bbox": self.bbox,
            "area": self.area,
            "mask": self.rle,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Objects(Shown):
    """Everything that was found in an image, best first.

    Attributes:
        found: the things; masks may overlap: a part lies in its whole.
        hw: height and width of the image.
        model: name of the model that answered.
        reason: one sentence for a person.
        image_path: where the image came from, None for arrays.
        image: (H, W, 3) uint8 RGB, kept for the overlay; None when it was not kept.
        timings_ms: milliseconds by step.

    Raises:
        InputError: a mask of another size than the image.
    """

    found: tuple[FoundObject, ...] = field(repr=False)
    hw: tuple[int, int]
    model: str
    reason: str
    image_path: str | None = None
    image: npt.NDArray[np.uint8] | None = field(default=None, repr=False)
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the sizes."""
        for each in self.found:
            if tuple(each.rle["size"]) != tuple(self.hw):
                raise InputError("mask size", expected=self.hw, actual=each.rle["size"])

    def __len__(self) -> int:
        """Return the number of things."""
        return len(self.found)

    def __iter__(self) -> Iterator[FoundObject]:
        """Go through the things, best first."""
        return iter(self.found)

    def __getitem__(self, place: int) -> FoundObject:
        """Return one thing by its place."""
        return self.found[place]

    @property
    def verdict(self) -> Verdict:
        """Found where there is any thing, else absent."""
        return Verdict.FOUND if self.found else Verdict.ABSENT

    def to_dict(self) -> dict[str, Any]:
        """Return the object `--json` prints: plain JSON values, masks as COCO RLE."""
        return {
            "image": {"path": self.image_path, "height": self.hw[0], "width": self.hw[1]},
            "model": self.model,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "objects": [each.to_dict() for each in self.found],
            "timings_ms": {name: number(ms) for name, ms in self.timings_ms.items()},
        }

    def labelled(self) -> LabelledImage:
        """Return the things as formats are written from them: large ones first, below the small."""
        from biprompt.io.formats.objects import DEFAULT_LABEL, LabelledImage, LabelledMask

        # A file name that is no valid text still makes a valid document.
        name = os.fsencode(os.path.basename(self.image_path or "image")).decode(errors="replace")
        ordered = sorted(self.found, key=lambda each: -each.area)
        things = tuple(
            LabelledMask(each.label or DEFAULT_LABEL, each.rle, score=number(each.score))
            for each in ordered
        )
        return LabelledImage(name, self.hw, things, self.image)

    def things(self) -> LabelledImage:
        """See `Shown.things`."""
        return self.labelled()

    def overlay(self) -> npt.NDArray[np.uint8]:
        """See `Shown.overlay`; every thing in a colour."""
        from biprompt.io.formats.overlay import picture

        return picture(self.labelled())

    def told(self) -> tuple[str, str, str]:
        """See `Shown.told`."""
        return self.verdict.value, self.model, self.reason

    def save(
        self, path: str | os.PathLike[str], format: str | None = None, *,
        tolerance: float = 0.0, force: bool = False,
    ) -> None:  # fmt: skip
        """Write the masks to a file, completely or not at all; as `Segmentation.save`.

        Raises:
            OutputError: unknown format or one that the suffix contradicts, the file exists, or it
                cannot be written.
            InputError: a tolerance that is wrong, or the photograph was not kept and the format
                needs it.
        """
        from biprompt.io.formats.saving import save_labelled

        save_labelled(self.labelled(), path, format, tolerance=tolerance, force=force)

    def save_overlay(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write a PNG of all things over the photograph, each in a colour.

        Raises:
            InputError: the photograph was not kept.
            OutputError: the file exists and `force` is False, or it cannot be written.
        """
        self.save(path, format="overlay", force=force)
