"""The runtime protocol and the values that cross it.

Model frame: pixels of the resized image, ``(x, y)``. All arrays are C-contiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ImageEmbedding:
    """One image, looked at once. Immutable: every expert, prompt and thread may share it.

    Attributes:
        features: named feature maps, ``(1, C, h, w)`` float32, read-only.
        frame: original and model size.
        key: identifies image content, model and preprocessing (see `biprompt.cache`).
        model: name of the model that looked.
        version: of that model, see `RuntimeFacts`.
        pixels: ``(H, W, 3)`` uint8 RGB, the original image, read-only; for overlays.
        path: file it came from, if any.
        seconds: time the image pass took; 0 when it came from the cache.
    """

    features: Mapping[str, Float]
    frame: ModelFrame
    key: str
    model: str
    version: str
    pixels: NDArray[np.uint8]
    path: str | None = None
    seconds: float = 0.0

    @property
    def nbytes(self) -> int:
        """Bytes held, image included."""
        return self.pixels.nbytes + sum(level.nbytes for level in self.features.values())


@dataclass(frozen=True, slots=True, eq=False)
class SpatialBatch:
    """What ``P`` prompts point at, in the model frame.

    Attributes:
        xy: ``(P, N, 2)`` float32.
        labels: ``(P, N)`` float32; 1 adds, 0 removes, -1 is padding. ``N`` is at least 1.
        box: ``(P, 4)`` float32 xyxy.
        has_box: ``(P,)`` float32, 0 or 1.
        mask: ``(P, 1, H/4, W/4)`` float32 in [0, 1], covered part of each cell.
        has_mask: ``(P,)`` float32, 0 or 1.
    """

    xy: Float
    labels: Float
    box: Float
    has_box: Float
    mask: Float
    has_mask: Float

    def __len__(self) -> int:
        """Return the number of prompts."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Grounding:
    """What ``P`` phrases mean in one image.

    Attributes:
        query: ``(P, D)`` float32, the prompt embeddings.
        prior: ``(P, 1, H/16, W/16)`` float32 logits.
        presence: ``(P,)`` float32 logits that the named thing is there.
    """

    query: Float
    prior: Float
    presence: Float


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """What the words of ``P`` prompts mean to the decoder.

    Attributes:
        query: ``(P, D)`` float32.
        prior: ``(P, 1, H/16, W/16)`` float32.
        has_text: ``(P,)`` float32; 0 where a prompt has no words (its other values do not count).
    """

    query: Float
    prior: Float
    has_text: Float

    @classmethod
    def rows(cls, grounding: Grounding, rows: Sequence[int | None]) -> TextBatch:
        """One row per prompt: a row of the grounding, or None for no words."""
        has_text = np.array([row is not None for row in rows], np.float32)
        index = [row or 0 for row in rows]
        return cls(grounding.query[index], grounding.prior[index], has_text)


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Masks of ``P`` prompts.

    Attributes:
        logits: ``(P, M, H/4, W/4)`` float32; mask 0 answers an unambiguous prompt, the others
            are the readings of an ambiguous one.
        iou: ``(P, M)`` float32 in [0, 1], predicted.
    """

    logits: Float
    iou: Float


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """What there is to know of a loaded model.

    Attributes:
        model: its name.
        version: changes whenever the same image would give other features (weights or
            preprocessing); part of every cache key.
        long_side: model pixels of the longer side of an image.
        multiple: sides are rounded to this.
    """

    model: str
    version: str
    long_side: int
    multiple: int


class Runtime(Protocol):
    """One loaded model. Calls are thread-safe and keep no state."""

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and preprocessing."""
        ...

    def encode(self, image: NDArray[np.uint8]) -> Mapping[str, Float]:
        """Feature maps of an image ``(h, w, 3)`` uint8 RGB that has its model size already."""
        ...

    def ground(self, features: Mapping[str, Float], words: Float, lengths: Float) -> Grounding:
        """Fuse ``P`` phrases, ``words`` ``(P, L, D)`` of which ``lengths`` ``(P,)`` count."""
        ...

    def decode(
        self, features: Mapping[str, Float], spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """Masks for ``P`` prompts in one call; ``text`` is None when none has words."""
        ...
