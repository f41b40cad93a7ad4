"""What EVF-SAM is trained on: a picture, phrases, and a mask for each; and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.cache import embedding_key
from biprompt.errors import DataError


class NothingSaid(DataError):
    """An item about which there is nothing to say; no fault, and the stream takes another."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A picture and what is said about it.

    Attributes:
        key: names the picture for people and logs: source, picture, and what was changed.
        pixels: (H, W, 3) uint8 RGB.
        phrases: what the model is asked, `[semantic] ` included; at least one.
        masks: (P, H, W) bool, the answer to each phrase, in the frame of `pixels`.
        variant: "" for the picture as it lies on disk, else what was changed ("flip").
    """

    key: str
    pixels: NDArray[np.uint8]
    phrases: tuple[str, ...]
    masks: NDArray[np.bool_]
    variant: str = ""

    def __post_init__(self) -> None:
        """Check that everything fits together.

        Raises:
            DataError: no phrase, or pixels and masks of another shape.
        """
        expected = (len(self.phrases), *self.pixels.shape[:2])
        if not self.phrases:
            raise DataError(f"{self.key}: phrases", expected="at least one", actual="none")
        if self.masks.shape != expected:
            what = f"{self.key}: masks"
            raise DataError(what, expected=list(expected), actual=list(self.masks.shape))

    @property
    def content(self) -> str:
        """A digest of the pixels as they are: 40 hexadecimal digits, the same in every source.

        Embeddings are kept under it, so that one picture of three data sets is looked at once and
        a picture that changed on disk never meets its old embedding.
        """
        return embedding_key(self.pixels, "")


class Source(Protocol):
    """Some pictures that can be spoken of. Picklable, for worker processes."""

    @property
    def name(self) -> str:
        """How messages and the recipe call it."""
        ...

    def __len__(self) -> int:
        """Return the number of items: an epoch is each of them once."""
        ...

    def sample(self, index: int, rng: np.random.Generator) -> Spoken:
        """Make a sample of the item `index`; nothing but the arguments decides what comes.

        Raises:
            DataError: the item cannot be used; names the file and what is wrong.
            ImageError: a picture or a mask file is missing or damaged.
        """
        ...
