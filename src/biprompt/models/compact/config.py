"""Sizes of the embedded model, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CompactConfig:
    """Widths and depths of :class:`~biprompt.models.compact.model.CompactModel`.

    Strides are fixed (4, 8, 16, 32); image sides are multiples of 32.
    """

    width4: int = 32
    """Channels of the stride-4 features and of the last decoder stage."""
    width8: int = 64
    width16: int = 128
    decoder8: int = 48
    decoder16: int = 96
    heads: int = 4
    """Similarity maps per query; the key at stride 8 has ``heads * key_dim`` channels."""
    key_dim: int = 16
    masks: int = 4
    """Output masks: 0 answers an unambiguous prompt, 1 to 3 are the readings of a single click."""
    word_dim: int = 96
    text_dim: int = 160
    text_layers: int = 3
    text_heads: int = 5
    max_words: int = 32

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self)
