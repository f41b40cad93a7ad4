"""Everything asked of one image, in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from numpy.typing import ArrayLike

from biprompt.errors import PromptError
from biprompt.prompts._arrays import describe
from biprompt.prompts._build import all_of, examples_of, listed, optional, points_of, scribble_of
from biprompt.prompts._frame import check_mask, check_outline, check_pixels
from biprompt.prompts._value import Value
from biprompt.prompts.spatial import Box, Example, MaskPrompt, Points, Polygon, Scribble
from biprompt.prompts.words import Text

_KINDS: dict[str, type[Value]] = {
    "points": Points,
    "box": Box,
    "scribbles": Scribble,
    "polygon": Polygon,
    "mask": MaskPrompt,
    "text": Text,
    "negative_text": Text,
    "examples": Example,
}


@dataclass(frozen=True, slots=True, eq=False)
class Prompt(Value):
    """Everything asked of one image; frame: pixels of the original image.

    Use `Prompt.build` to make one from plain Python values.

    Attributes:
        points: clicks that add or remove.
        box: a rectangle around the thing.
        scribbles: strokes that add or remove.
        polygon: an outline around the thing.
        mask: a mask to refine, the size of the image.
        text: words for the thing.
        negative_text: words for what is not meant; ";" stands between several things.
        examples: other images with the thing marked, or (label 0) what is not meant.
    """

    points: Points | None = None
    box: Box | None = None
    scribbles: tuple[Scribble, ...] = ()
    polygon: Polygon | None = None
    mask: MaskPrompt | None = None
    text: Text | None = None
    negative_text: Text | None = None
    examples: tuple[Example, ...] = ()

    def __post_init__(self) -> None:
        """Raise PromptError where a field holds another kind of value."""
        for field in fields(self):
            value, kind = getattr(self, field.name), _KINDS[field.name]
            many = field.name in ("scribbles", "examples")
            items = value if many else (value,)
            if (many and not isinstance(value, tuple)) or not all(
                isinstance(item, kind) or (item is None and not many) for item in items
            ):
                wanted = f"a tuple of {kind.__name__}" if many else f"{kind.__name__} or None"
                raise PromptError(
                    field.name,
                    expected=f"{wanted}; Prompt.build takes plain values",
                    actual=describe(value),
                )

    @classmethod
    def build(
        cls,
        *,
        points: ArrayLike | Points | None = None,
        labels: ArrayLike | None = None,
        box: ArrayLike | Box | None = None,
        scribbles: Sequence[ArrayLike | tuple[ArrayLike, int] | Scribble] | None = None,
        polygon: ArrayLike | Polygon | None = None,
        mask: ArrayLike | MaskPrompt | None = None,
        text: str | Text | None = None,
        negative_text: str | Sequence[str] | Text | None = None,
        examples: Sequence[tuple[ArrayLike, ArrayLike] | Example] | None = None,
        negative_examples: Sequence[tuple[ArrayLike, ArrayLike] | Example] | None = None,
    ) -> Prompt:
        """Build a prompt from plain values, all in pixels of the original image.

        Args:
            points: (N, 2) numbers, (x, y). An empty list counts as none.
            labels: (N,) of 1 (add) or 0 (remove); all 1 when left out.
            box: 4 numbers x0, y0, x1, y1.
            scribbles: strokes, each (N, 2) numbers, a pair ((N, 2) numbers, label), or a Scribble.
            polygon: (N, 2) numbers, N >= 3.
            mask: (H, W) bool, 0 and 1, or 0 and 255.
            text: words for the thing.
            negative_text: words for what is not meant, or a list of such words.
            examples: pairs ((H, W, 3) uint8 RGB, (H, W) mask), or Examples.
            negative_examples: likewise, of what is not meant.

        Raises:
            PromptError: any of them is malformed.
        """
        return cls(
            points=points_of(points, labels),
            box=optional(box, Box),
            scribbles=all_of("scribbles", scribbles, scribble_of),
            polygon=optional(polygon, Polygon),
            mask=optional(mask, MaskPrompt),
            text=optional(text, Text),
            negative_text=optional(listed(negative_text), Text),
            examples=examples_of(examples, negative_examples),
        )

    @property
    def is_empty(self) -> bool:
        """True where nothing is asked; what is not meant alone asks for nothing."""
        return not (self.has_spatial or self.text is not None or self.shows)

    @property
    def shows(self) -> bool:
        """True where an example shows what is meant."""
        return any(example.label for example in self.examples)

    @property
    def has_spatial(self) -> bool:
        """True where something is drawn: points, box, scribbles, polygon or mask."""
        drawn = (self.points, self.box, self.polygon, self.mask)
        return bool(self.scribbles) or any(value is not None for value in drawn)

    def _only_removes(self) -> bool:
        if any(v is not None for v in (self.box, self.polygon, self.mask, self.text)):
            return False
        labels = [s.label for s in self.scribbles]
        labels += [] if self.points is None else self.points.labels.tolist()
        return not self.shows and not any(labels)

    def check_frame(self, hw: tuple[int, int]) -> None:
        """Check the prompt against the size of its image.

        Args:
            hw: height and width of the original image.

        Raises:
            PromptError: nothing asked (also where every point and stroke only removes), a point
                or stroke outside the image, a box or polygon that reaches past its edges, or a
                mask of another size.
        """
        if self._only_removes():
            asked = "none" if self.is_empty else "only points or strokes that remove"
            raise PromptError(
                "prompt",
                expected="a point, box, scribble, polygon, mask, phrase or example to find",
                actual=asked,
            )
        if self.points is not None:
            check_pixels("point", self.points.xy, hw)
        for scribble in self.scribbles:
            check_pixels("scribble", scribble.xy, hw)
        if self.box is not None:
            check_outline("box", self.box.xyxy.reshape(2, 2), hw)
        if self.polygon is not None:
            check_outline("polygon", self.polygon.xy, hw)
        if self.mask is not None:
            check_mask(self.mask.mask, hw)
