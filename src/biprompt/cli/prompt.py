"""From the options to one `Prompt`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biprompt.cli.values import file_pair, numbers, path_of_points, point, single

if TYPE_CHECKING:
    from biprompt.prompts import Prompt

BOX_FORM = "X0,Y0,X1,Y1"
EXAMPLE, DENIED = "--example", "--negative-example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The prompt options of `biprompt segment`, as typed."""

    points: Sequence[str] = ()
    negatives: Sequence[str] = ()
    boxes: Sequence[str] = ()
    scribbles: Sequence[str] = ()
    negative_scribbles: Sequence[str] = ()
    polygons: Sequence[str] = ()
    masks: Sequence[Path] = ()
    texts: Sequence[str] = ()
    nots: Sequence[str] = ()
    examples: Sequence[str] = ()
    negative_examples: Sequence[str] = ()

    @property
    def files(self) -> list[Path]:
        """The files the prompt is read from."""
        pairs = [
            file_pair(option, text)
            for option, given in ((EXAMPLE, self.examples), (DENIED, self.negative_examples))
            for text in given
        ]
        return [*self.masks, *(path for pair in pairs for path in pair)]

    def build(self) -> Prompt:
        """Read the files that are named and build the prompt.

        Raises:
            PromptError: a value is malformed, or given more than once where one is meant.
            ImageError: the image or mask of an example, or the mask, cannot be read.
        """
        from biprompt.prompts import Prompt
        from biprompt.prompts.negation import check_names_something

        if text := single("--text", self.texts):
            check_names_something(text.strip())
        box = single("--box", self.boxes)
        polygon = single("--polygon", self.polygons)
        return Prompt.build(
            points=[point("--point", text) for text in self.points]
            + [point("--negative", text) for text in self.negatives],
            labels=[1] * len(self.points) + [0] * len(self.negatives),
            box=None if box is None else numbers("--box", box, BOX_FORM),
            scribbles=self._strokes(),
            polygon=None if polygon is None else path_of_points("--polygon", polygon),
            mask=self._mask(),
            text=text,
            negative_text=list(self.nots),
            examples=[_example(EXAMPLE, text) for text in self.examples],
            negative_examples=[_example(DENIED, text) for text in self.negative_examples],
        )

    def _strokes(self) -> list[tuple[list[tuple[float, ...]], int]]:
        strokes = [(path_of_points("--scribble", text), 1) for text in self.scribbles]
        return strokes + [
            (path_of_points("--negative-scribble", text), 0) for text in self.negative_scribbles
        ]

    def _mask(self) -> Any:
        path = single("--mask", self.masks)
        if path is None:
            return None
        from biprompt.io.images import read_mask

        return read_mask(path)


def _example(option: str, text: str) -> tuple[Any, Any]:
    from biprompt.io.images import load_image, read_mask

    image_path, mask_path = file_pair(option, text)
    image = load_image(image_path).pixels
    return image, read_mask(mask_path, hw=image.shape[:2])
