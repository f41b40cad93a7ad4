"""The answer to one prompt, and the files it can be saved as."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.masks import area, bbox_xywh, rle_encode
from biprompt.prompts import Prompt
from biprompt.results._plain import BoolArray, check_mask, number
from biprompt.results.card import SelectionCard, Verdict
from biprompt.results.held import holds_masks
from biprompt.results.pictures import card_pixels, overlay_pixels
from biprompt.results.shown import Shown

if TYPE_CHECKING:
    from biprompt.io.formats.objects import LabelledImage


@holds_masks("mask")
@dataclass(frozen=True, slots=True, eq=False)
class Segmentation(Shown):
    """The answer to one prompt.

    Attributes:
        mask: (H, W) bool, original frame; empty when the verdict is absent.
        verdict: found, absent or disagree.
        presence: 0 to 1, how likely the named thing is in the image; None without words or when
            the model gives none.
        card: why.
        model: name of the model that answered.
        image_path: where the image came from, None for arrays.
        phrase: the words that were asked, None without.
        image: (H, W, 3) uint8 RGB, kept for overlay and card; None when it was not kept.
        prompt: what was asked, marked on overlay and card; None marks nothing.
        soft: (h, w) float32 in [0, 1], the mask as the model gave it, at its own resolution: what
            the next correction starts from. None when the model gives none.

    Raises:
        InputError: a shape or dtype does not fit, or the presence is not from 0 to 1.
    """

    mask: BoolArray = field(repr=False)
    verdict: Verdict
    presence: float | None
    card: SelectionCard
    model: str
    image_path: str | None = None
    phrase: str | None = None
    image: npt.NDArray[np.uint8] | None = field(default=None, repr=False)
    prompt: Prompt | None = field(default=None, repr=False)
    soft: npt.NDArray[np.float32] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check shapes and presence."""
        check_mask("mask", self.mask)
        hw = self.mask.shape
        for mask in self.card.masks():
            if mask.shape != hw:
                raise InputError("masks of the card", expected=f"shape {hw}", actual=mask.shape)
        if self.image is not None and (
            self.image.shape != (*hw, 3) or self.image.dtype != np.uint8
        ):
            actual = f"shape {self.image.shape} of {self.image.dtype}"
            raise InputError("image", expected=f"shape {(*hw, 3)} of uint8", actual=actual)
        if self.presence is not None and not 0.0 <= self.presence <= 1.0:
            raise InputError("presence", expected="a number from 0 to 1", actual=self.presence)

    def to_dict(self) -> dict[str, Any]:
        """Return the object `--json` prints: plain JSON values, masks as COCO RLE.

        Numbers are rounded to six decimals; what is not a finite number becomes None. `winner`
        counts from 0, and so do the candidates in `levels`, by the names of `Granularity`; `bbox`
        is [x, y, width, height] in pixels of the original image.
        """
        card, (height, width) = self.card, self.mask.shape
        return {
            "image": {"path": self.image_path, "height": height, "width": width},
            "model": self.model,
            "phrase": self.phrase,
            "verdict": self.verdict.value,
            "reason": card.reason,
            "presence": number(self.presence),
            "text_understood": None if card.text_understood is None else bool(card.text_understood),
            "similarity": number(card.similarity),
            "winner": None if card.winner is None else int(card.winner),
            "margin": number(card.margin),
            "metric": card.metric,
            "policy": card.policy,
            "pool": card.pool,
            "mask": rle_encode(self.mask),
            "bbox": [int(value) for value in bbox_xywh(self.mask)],
            "area": int(area(self.mask)),
            "candidates": [candidate.to_dict() for candidate in card.candidates],
            "levels": {str(name): int(place) for name, place in card.levels.items()},
            "text_mask": None if card.text_mask is None else rle_encode(card.text_mask),
            "timings_ms": {name: number(ms) for name, ms in card.timings_ms.items()},
        }

    def save(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        tolerance: float = 0.0,
        force: bool = False,
    ) -> None:
        """Write the mask to a file, completely or not at all.

        Args:
            path: the file to write.
            format: name of a format of `biprompt.io.formats`: "png" (black and white), "labels",
                "overlay", "coco", "yolo", "labelme" or "geojson"; None asks the suffix of `path`:
                .png, .json (COCO), .txt (YOLO) or .geojson. An absent answer is a black PNG, or
                a document without an object. YOLO's list of classes goes beside `path`, into a
                file that ends in .classes.txt.
            tolerance: how far outlines may move, in pixels, for formats that hold outlines; below
                0.5 the mask stays the same.
            force: replace an existing file.

        Raises:
            OutputError: unknown format or one that the suffix contradicts, the file exists, or it
                cannot be written.
            InputError: a tolerance below 0 or for a format without outlines, or the photograph
                was not kept and the format needs it.
        """
        from biprompt.io.formats.saving import save_labelled

        save_labelled(self.labelled(), path, format, tolerance=tolerance, force=force)

    def step(self, by: int = 1) -> Segmentation:
        """Return the answer one step larger, or smaller: part, object, whole.

        The steps are the candidates of the card from small to large, those that are alike counted
        once. Beyond the first and the last there is none, and the answer comes back as it is.

        Args:
            by: steps up, or down where below zero.
        """
        from biprompt.results.stepping import stepped

        return stepped(self, by)

    def labelled(self) -> LabelledImage:
        """Return the mask under its phrase, as formats are written from it; none when empty."""
        from biprompt.io.formats.objects import LabelledImage, LabelledMask

        # A file name that is no valid text still makes a valid document.
        name = os.fsencode(os.path.basename(self.image_path or "image")).decode(errors="replace")
        winner = self.card.winner
        score = None if winner is None else number(self.card.candidates[winner].score)
        found = (LabelledMask.of(self.mask, self.phrase, score=score),) if self.mask.any() else ()
        height, width = self.mask.shape
        return LabelledImage(name, (height, width), found, self.image)

    def things(self) -> LabelledImage:
        """See `Shown.things`."""
        return self.labelled()

    def overlay(self) -> npt.NDArray[np.uint8]:
        """See `Shown.overlay`; with the marks of the prompt."""
        return overlay_pixels(self)

    def told(self) -> tuple[str, str, str]:
        """See `Shown.told`."""
        return self.verdict.value, self.model, self.card.reason

    def save_overlay(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write a PNG of the mask over the photograph, with the marks of the prompt.

        Raises:
            InputError: the photograph was not kept.
            OutputError: the file exists and `force` is False, or it cannot be written.
        """
        _write_picture(path, overlay_pixels, self, force)

    def save_card(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write a PNG of the selection card: the candidates side by side, and why one won.

        Raises:
            InputError: the photograph was not kept.
            OutputError: the file exists and `force` is False, or it cannot be written.
        """
        _write_picture(path, card_pixels, self, force)


def _write_picture(
    path: str | os.PathLike[str],
    draw: Callable[[Segmentation], npt.NDArray[np.uint8]],
    answer: Segmentation,
    force: bool,
) -> None:
    from biprompt.io.files import atomic_write, check_writable
    from biprompt.io.formats.png import image_png

    # Before the drawing, which takes longer than a second for a large photograph.
    check_writable(path, force=force)
    atomic_write(path, image_png(draw(answer)), force=force)
