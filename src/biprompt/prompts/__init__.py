"""What a person asks for: points, boxes, strokes, masks, words and examples, as frozen values.

Frame: pixels of the original image, x to the right and y down from the top left corner. A point
(x, y) lies in pixel column floor(x) and row floor(y). Everything is checked when it is built, and
every array inside is a read-only copy. Numpy only.
"""

from __future__ import annotations

from biprompt.prompts.prompt import Prompt
from biprompt.prompts.spatial import (
    MAX_PATH_POINTS,
    MAX_POINTS,
    Box,
    Example,
    MaskPrompt,
    Points,
    Polygon,
    Scribble,
)
from biprompt.prompts.words import MAX_PHRASE_CHARS, Text

__all__ = [
    "MAX_PATH_POINTS",
    "MAX_PHRASE_CHARS",
    "MAX_POINTS",
    "Box",
    "Example",
    "MaskPrompt",
    "Points",
    "Polygon",
    "Prompt",
    "Scribble",
    "Text",
]
