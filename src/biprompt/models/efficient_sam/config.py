"""Sizes of the EfficientSAM models (Xiong et al., "EfficientSAM", 2023)."""

from __future__ import annotations

from dataclasses import dataclass, field

from biprompt.models.checks import check_heads, check_image_size
from biprompt.models.sam.config import STRIDE


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Sizes of the mask decoder.

    Attributes:
        depth: two-way layers.
        heads: attention heads; they also divide half the width, that of the cross-attention.
        mlp: width of the hidden layer of each two-way layer.
        iou_hidden: width of the two hidden layers that predict IoU.
        upscaling: channels after the first and the second doubling of the map.
    """

    depth: int = 2
    heads: int = 8
    mlp: int = 2048
    iou_hidden: int = 256
    upscaling: tuple[int, int] = (64, 32)


@dataclass(frozen=True, slots=True)
class EfficientSamConfig:
    """Sizes of :class:`~biprompt.models.efficient_sam.model.EfficientSam`; defaults: small.

    Attributes:
        image_size: side of the square image in pixels.
        encoder_dim: width of the image encoder.
        encoder_depth: its blocks.
        encoder_heads: its attention heads.
        pretrained_grid: side, in patches, of the image that its positions were learned for.
        dim: width of the embedding, the prompt tokens and the decoder.
        decoder: the mask decoder.
        max_points: point tokens of one prompt; fewer are padded. A box takes two.

    Raises:
        InputError: the image is no multiple of a patch, or the heads do not divide the width of
            the encoder or half that of the decoder.
    """

    image_size: int = 1024
    encoder_dim: int = 384
    encoder_depth: int = 12
    encoder_heads: int = 6
    pretrained_grid: int = 14
    dim: int = 256
    decoder: DecoderConfig = field(default_factory=DecoderConfig)
    max_points: int = 6

    def __post_init__(self) -> None:
        check_image_size(self.image_size, STRIDE)
        check_heads(self.encoder_dim, self.encoder_heads)
        check_heads(self.dim // 2, self.decoder.heads)

    @property
    def grid(self) -> int:
        """Side of the embedding in cells, ``S / 16``."""
        return self.image_size // STRIDE

    @classmethod
    def tiny(cls) -> EfficientSamConfig:
        """EfficientSAM-Ti, 10.2M parameters."""
        return cls(encoder_dim=192, encoder_heads=3)

    @classmethod
    def small(cls) -> EfficientSamConfig:
        """EfficientSAM-S, 26.4M parameters."""
        return cls()
