"""Answers kept so that the next correction can start from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.masks import Rle, rle_decode
from biprompt.prompts import MaskPrompt
from biprompt.results import Segmentation
from biprompt.server.lru import ByteLru
from biprompt.server.refusals import missing

_OVERHEAD = 500


@dataclass(frozen=True, slots=True, eq=False)
class KeptAnswer:
    """What a correction needs of an answer: much smaller than its masks.

    Attributes:
        image: id of the image it belongs to.
        rle: its mask as COCO run lengths; None for an honest no.
        soft: (h, w) float32, the mask as the model gave it.
    """

    image: str
    rle: Rle | None
    soft: NDArray[np.float32] | None

    @classmethod
    def of(cls, image: str, answer: Segmentation, rle: Rle) -> KeptAnswer:
        """Keep an answer about an image, with the run lengths of its mask."""
        # A copy: the array may be a view that keeps the masks of a whole call alive.
        soft = None if answer.soft is None else answer.soft.copy()
        return cls(image, rle if answer.mask.any() else None, soft)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        counts = 0 if self.rle is None else len(self.rle["counts"])
        return _OVERHEAD + counts + (0 if self.soft is None else self.soft.nbytes)

    def prompt(self) -> MaskPrompt | None:
        """The mask to start from; an honest no is nothing to start from."""
        return None if self.rle is None else MaskPrompt(rle_decode(self.rle), self.soft)


class Answers:
    """The answers of all clients, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.kept = ByteLru[str, KeptAnswer](limit, lambda answer: answer.nbytes)

    def get(self, id: str, image: str) -> KeptAnswer:
        """The answer of that id about that image.

        Raises:
            Refusal: there is none, or no longer.
        """
        answer = self.kept.get(id)
        if answer is None or answer.image != image:
            raise missing("answer")
        return answer

    def forget(self, image: str) -> None:
        """Let go of all answers about an image."""
        for id, answer in self.kept.items():
            if answer.image == image:
                self.kept.pop(id)
