"""Sizes of the SAM 2 models (Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024).

SAM 2 and SAM 2.1 have the same sizes where images are concerned; only their memory differs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate

from biprompt.errors import InputError
from biprompt.models.checks import check_heads, check_image_size
from biprompt.models.sam.config import STRIDE, DecoderConfig

Four = tuple[int, int, int, int]
"""One number per stage of the trunk, the finest stage first."""

PATCH = 4
"""Pixels of the image per token of the first stage, along one side."""


@dataclass(frozen=True, slots=True)
class HieraConfig:
    """A hierarchical vision transformer; the defaults are those of Hiera-L.

    Each stage but the first starts with a block that halves the side and doubles width and heads.

    Attributes:
        image_size: side of the square image in pixels.
        dim: width of the first stage.
        heads: attention heads of the first stage.
        stages: blocks of each stage.
        windows: side, in tokens, of the windows that each stage attends in.
        global_blocks: blocks, counted over all stages, that attend over the whole image.
        background: side of the learned position map that is stretched over the image.

    Raises:
        InputError: the image is no multiple of what the coarsest stage and the windows of the
            first need, the heads do not divide the width, or a window cannot be halved.
    """

    image_size: int = 1024
    dim: int = 144
    heads: int = 2
    stages: Four = (2, 6, 36, 4)
    windows: Four = (8, 4, 16, 8)
    global_blocks: tuple[int, ...] = (23, 33, 43)
    background: int = 7

    def __post_init__(self) -> None:
        check_image_size(self.image_size, 8 * PATCH)
        check_image_size(self.image_size, self.windows[0] * PATCH)
        check_heads(self.dim, self.heads)
        if any(side % 2 for side in self.windows[:3]):
            what = "windows of all stages but the last"
            raise InputError(what, expected="even", actual=self.windows)

    @property
    def dims(self) -> Four:
        """Width of each stage."""
        return (self.dim, 2 * self.dim, 4 * self.dim, 8 * self.dim)

    @property
    def stage_ends(self) -> tuple[int, ...]:
        """Index of the last block of each stage."""
        return tuple(end - 1 for end in accumulate(self.stages))


@dataclass(frozen=True, slots=True)
class RepVitConfig:
    """Convolutions only (Wang et al., "RepViT", 2024); the defaults are RepViT-M1, of EdgeTAM.

    Attributes:
        image_size: side of the square image in pixels.
        dims: width of each stage.
        depths: blocks of each stage, those that halve the side not counted.

    Raises:
        InputError: the image is no multiple of what the coarsest stage needs.
    """

    image_size: int = 1024
    dims: Four = (48, 96, 192, 384)
    depths: Four = (2, 2, 14, 2)

    def __post_init__(self) -> None:
        check_image_size(self.image_size, 8 * PATCH)


@dataclass(frozen=True, slots=True)
class OtherEncoder:
    """An image encoder that is given to the network, not made by it.

    Attributes:
        input_size: side of the square image that it takes, pixels.
        grid: side of its coarsest map in cells; the others have two and four times as many.
    """

    input_size: int
    grid: int

    @property
    def image_size(self) -> int:
        """Side of the model frame: 16 of its pixels are a cell, whatever the encoder sees."""
        return self.grid * STRIDE


@dataclass(frozen=True, slots=True)
class Sam2Config:
    """Sizes of :class:`~biprompt.models.sam2.sam2.Sam2`; the defaults are those of SAM 2 large.

    Attributes:
        encoder: the trunk; or, where it is no trunk with the neck of SAM 2, what is known of it.
        dim: width of the embedding, the prompt tokens and the decoder.
        decoder: the mask decoder and what reads mask prompts.
        stability_delta: distance from 0, in logits, at which the stability of a mask is measured.
        stability_threshold: the single mask counts as stable from here on.

    Raises:
        InputError: the heads of the decoder do not divide half its width.
    """

    encoder: HieraConfig | RepVitConfig | OtherEncoder = field(default_factory=HieraConfig)
    dim: int = 256
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    stability_delta: float = 0.05
    stability_threshold: float = 0.98

    def __post_init__(self) -> None:
        check_heads(self.dim // 2, self.decoder.heads)

    @property
    def image_size(self) -> int:
        """Side ``S`` of the square model frame in pixels."""
        return self.encoder.image_size

    @property
    def input_size(self) -> int:
        """Side of the image that the encoder takes; ``S`` but for `OtherEncoder`."""
        encoder = self.encoder
        return encoder.input_size if isinstance(encoder, OtherEncoder) else encoder.image_size

    @property
    def grid(self) -> int:
        """Side of the embedding in cells, ``S / 16``."""
        return self.image_size // STRIDE

    @classmethod
    def tiny(cls) -> Sam2Config:
        """SAM 2 tiny."""
        return cls(HieraConfig(1024, 96, 1, (1, 2, 7, 2), (8, 4, 14, 7), (5, 7, 9)))

    @classmethod
    def small(cls) -> Sam2Config:
        """SAM 2 small."""
        return cls(HieraConfig(1024, 96, 1, (1, 2, 11, 2), (8, 4, 14, 7), (7, 10, 13)))

    @classmethod
    def base_plus(cls) -> Sam2Config:
        """SAM 2 base plus."""
        return cls(HieraConfig(1024, 112, 2, (2, 3, 16, 3), (8, 4, 14, 7), (12, 16, 20), 14))

    @classmethod
    def large(cls) -> Sam2Config:
        """SAM 2 large."""
        return cls(HieraConfig())
