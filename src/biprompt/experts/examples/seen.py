"""An example, and its image as the model saw it."""

from __future__ import annotations

from dataclasses import dataclass

from biprompt.prompts import Example
from biprompt.runtime.base import ImageEmbedding


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """An example, and its image as the model saw it.

    Attributes:
        example: the mark, and its image.
        image: None where the model has an example expert of its own, which looks by itself.
    """

    example: Example
    image: ImageEmbedding | None
