"""Sizes of BEiT-3."""

from __future__ import annotations

from dataclasses import dataclass

from biprompt.errors import InputError

FIRST_POSITION = 2
"""Row of a position table that the first token takes: rows 0 and 1 belong to fairseq's padding."""


@dataclass(frozen=True, slots=True)
class Beit3Config:
    """Sizes of :class:`~biprompt.models.beit3.model.Beit3`; left out, those of BEiT-3-Large.

    Attributes:
        image_size: height and width of the image it sees, in pixels.
        patch_size: side of a patch in pixels; divides `image_size`.
        vocab_size: rows of the word embedding.
        dim: channels of a token.
        heads: attention heads; divide `dim`.
        ffn_dim: channels inside a feed-forward network.
        layers: how many layers.
        text_positions: rows of the text position table, two of which no token takes.
        eps: epsilon of every LayerNorm.

    Raises:
        InputError: `heads` does not divide `dim`, or `patch_size` not `image_size`.
    """

    image_size: int = 224
    patch_size: int = 16
    vocab_size: int = 64010
    dim: int = 1024
    heads: int = 16
    ffn_dim: int = 4096
    layers: int = 24
    text_positions: int = 1024
    eps: float = 1e-5

    def __post_init__(self) -> None:
        """Check what has to divide."""
        for whole, part in (("dim", "heads"), ("image_size", "patch_size")):
            size, divisor = getattr(self, whole), getattr(self, part)
            if divisor < 1 or size % divisor:
                raise InputError(part, expected=f"a divisor of {whole} {size}", actual=divisor)

    @classmethod
    def base(cls) -> Beit3Config:
        """Return the sizes of BEiT-3-Base: 221 million parameters."""
        return cls(dim=768, heads=12, ffn_dim=3072, layers=12)

    @classmethod
    def large(cls) -> Beit3Config:
        """Return the sizes of BEiT-3-Large: 673 million parameters."""
        return cls()

    @property
    def visual_tokens(self) -> int:
        """Tokens of one image: its [CLS], then its patches row by row."""
        return 1 + (self.image_size // self.patch_size) ** 2

    @property
    def max_text_tokens(self) -> int:
        """Tokens of the longest phrase, `<s>` and `</s>` counted."""
        return self.text_positions - FIRST_POSITION
