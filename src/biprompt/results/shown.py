"""Answers where people already work: notebooks, Pillow, supervision."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from biprompt.errors import InputError

if TYPE_CHECKING:
    from PIL import Image

    from biprompt.io.formats.objects import LabelledImage

Picture = Literal["mask", "overlay", "cutout"]
NOTEBOOK_SIDE = 768
"""Longest side of a picture in a notebook, in pixels: a page of many answers stays small."""


class Shown:
    """What every answer can be turned into. A subclass says what it found and how it is drawn."""

    __slots__ = ()

    def things(self) -> LabelledImage:
        """Return what was found, as formats are written from it."""
        raise NotImplementedError

    def overlay(self) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return the photograph with what was found on it, (h, w, 3) uint8 RGB.

        Raises:
            InputError: the photograph was not kept.
        """
        raise NotImplementedError

    def told(self) -> tuple[str, str, str]:
        """Return the verdict, the name of the model, and why in a sentence or two."""
        raise NotImplementedError

    def to_pil(self, kind: Picture = "mask") -> Image.Image:
        """Return a Pillow image.

        Args:
            kind: "mask", of mode L, 255 on everything that was found and 0 elsewhere; "overlay", of
                mode RGB, the photograph with it marked; "cutout", of mode RGBA, the photograph
                transparent outside it.

        Raises:
            InputError: another kind, or the photograph was not kept and the kind needs it.
        """
        from PIL import Image

        if kind not in ("mask", "overlay", "cutout"):
            raise InputError("kind", expected="mask, overlay or cutout", actual=repr(kind))
        if kind == "overlay":
            return Image.fromarray(self.overlay())
        things = self.things()
        mask = np.zeros(things.hw, np.uint8)
        for thing in things.objects:
            mask[thing.mask] = 255
        if kind == "mask":
            return Image.fromarray(mask)
        if things.pixels is None:
            raise InputError("image of the answer", expected="the photograph", actual="not kept")
        return Image.fromarray(np.dstack([things.pixels, mask]))

    def to_supervision(self) -> Any:
        """Return `supervision.Detections`, see `biprompt.io.formats.detections`.

        Raises:
            MissingExtraError: supervision is not installed.
        """
        from biprompt.io.formats.detections import detections

        return detections(self.things())

    def _repr_png_(self) -> bytes | None:
        """The picture that Jupyter shows; None where the photograph was not kept."""
        from PIL import Image

        from biprompt.io.formats.png import image_png

        try:
            picture = Image.fromarray(self.overlay())
        except InputError:
            return None
        picture.thumbnail((NOTEBOOK_SIDE, NOTEBOOK_SIDE))
        return image_png(np.asarray(picture))

    def _repr_html_(self) -> str:
        """The picture and the reason, as Jupyter shows them; nothing is fetched from elsewhere."""
        picture = self._repr_png_()
        shown = ""
        if picture is not None:
            data = base64.b64encode(picture).decode("ascii")
            shown = f'<img src="data:image/png;base64,{data}" alt="the answer on its photograph">'
        verdict, model, reason = map(html.escape, self.told())
        said = f"<b>{verdict}</b> ({model}): {reason}"
        return f"<figure>{shown}<figcaption>{said}</figcaption></figure>"
