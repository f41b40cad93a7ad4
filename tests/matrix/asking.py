"""Every kind of prompt, asked of a model, with a note of what reached its network."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from biprompt.errors import PromptError
from biprompt.segmenter import Segmenter
from biprompt.segmenter.automatic import Automatic
from biprompt.segmenter.looking import Looker

with Image.open(Path(__file__).parents[2] / "examples" / "coffee.jpg") as _whole:
    PHOTO = np.asarray(_whole.convert("RGB").resize((96, 64)))
MASK = np.zeros((64, 96), bool)
MASK[12:50, 30:70] = True

CLICK: Mapping[str, Any] = {"points": [(48, 30)]}
BOX: Mapping[str, Any] = {"box": (28, 10, 72, 52)}
STROKE: Mapping[str, Any] = {"scribbles": [[(36, 20), (50, 30), (60, 40)]]}
OUTLINE: Mapping[str, Any] = {"polygon": [(30, 12), (70, 12), (66, 50), (34, 48)]}
DRAWN: Mapping[str, Any] = {"mask": MASK}
WORDS: Mapping[str, Any] = {"text": "the liver"}
NOT: Mapping[str, Any] = {"negative_text": "the spleen"}
EXAMPLE: Mapping[str, Any] = {"examples": [(PHOTO, MASK)]}
OTHER: Mapping[str, Any] = {"negative_examples": [(PHOTO, ~MASK)]}

PROMPTS: Mapping[str, Mapping[str, Any]] = {
    "click": CLICK,
    "clicks that add and remove": {"points": [(48, 30), (5, 5)], "labels": [1, 0]},
    "box": BOX,
    "scribble": STROKE,
    "polygon": OUTLINE,
    "mask": DRAWN,
    "words": WORDS,
    "words, not others": {**WORDS, **NOT},
    "example": EXAMPLE,
    "example, not another": {**EXAMPLE, **OTHER},
    "click + box": {**CLICK, **BOX},
    "click + mask": {**CLICK, **DRAWN},
    "click + words": {**CLICK, **WORDS},
    "box + words": {**BOX, **WORDS},
    "scribble + words": {**STROKE, **WORDS},
    "polygon + words": {**OUTLINE, **WORDS},
    "mask + words": {**DRAWN, **WORDS},
    "click + example": {**CLICK, **EXAMPLE},
    "words + example": {**WORDS, **EXAMPLE},
    "all of them": {
        **CLICK, **BOX, **STROKE, **OUTLINE, **DRAWN, **WORDS, **NOT, **EXAMPLE, **OTHER,
    },
}  # fmt: skip
"""What is asked, by the name of the column."""

Asking = Callable[[Segmenter], object]
WHOLE: Mapping[str, Asking] = {
    "label map of classes": lambda model: model.segment_classes(PHOTO, ["liver", "spleen"]),
    "everything": lambda model: model.automatic(PHOTO, settings=Automatic(grid=2, layers=0)),
}
"""What asks for the whole image."""


class Noting:
    """A runtime that notes what its network is given."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.given = inner, set[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def decode(self, image: Any, spatial: Any, text: Any) -> Any:
        """Note the kinds in a batch."""
        kinds = {
            "points": (spatial.labels >= 0).any(),
            "box": spatial.has_box.any(),
            "mask": spatial.has_mask.any(),
            "words": text is not None and text.has_text.any(),
        }
        self.given |= {kind for kind, there in kinds.items() if there}
        return self._inner.decode(image, spatial, text)

    def imitate(self, *given: Any) -> Any:
        """Note the examples."""
        self.given.add("examples")
        return self._inner.imitate(*given)


def outcome(model: Segmenter, name: str) -> str:
    """What reached the network, joined by commas; or why the prompt was refused."""
    noting = Noting(model.runtime)
    watched = copy.copy(model)
    watched.runtime, watched._looker = noting, Looker(noting)
    try:
        if name in WHOLE:
            WHOLE[name](watched)
        else:
            answer = watched.segment(PHOTO, **PROMPTS[name])
            if answer.mask.shape != MASK.shape:
                raise AssertionError(f"{name}: a mask of {answer.mask.shape}")
    except PromptError as error:
        return f"refused: {error}".replace(model.name, "this model")
    kinds = ("points", "box", "mask", "words", "examples")
    return ", ".join(kind for kind in kinds if kind in noting.given) or "nothing"
