"""A runtime that counts its calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from biprompt.runtime.base import (
    Decoded,
    Float,
    Grounding,
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

    def encode(self, image: NDArray[np.uint8]) -> Mapping[str, Float]:
        """See `Runtime.encode`."""
        self.calls["encode"] += 1
        return self._runtime.encode(image)

    def ground(self, features: Mapping[str, Float], words: Float, lengths: Float) -> Grounding:
        """See `Runtime.ground`."""
        self.calls["ground"] += 1
        return self._runtime.ground(features, words, lengths)

    def decode(
        self, features: Mapping[str, Float], spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`."""
        self.calls["decode"] += 1
        return self._runtime.decode(features, spatial, text)
