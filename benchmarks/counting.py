"""A runtime that counts its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    Runtime,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)


class CountingRuntime:
    """Passes every call on to another runtime.

    Attributes:
        calls: how often each network ran: "encode", "ground", "decode".
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.calls: Counter[str] = Counter()

    @property
    def facts(self) -> RuntimeFacts:
        """See `Runtime.facts`."""
        return self._runtime.facts

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """See `Runtime.frame`."""
        return self._runtime.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`; counts images."""
        self.calls["encode"] += len(images)
        return self._runtime.encode(images)

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`."""
        self.calls["ground"] += 1
        return self._runtime.ground(image, phrases)

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`."""
        self.calls["decode"] += 1
        return self._runtime.decode(image, spatial, text)
