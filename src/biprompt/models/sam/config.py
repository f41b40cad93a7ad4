"""Sizes of the Segment Anything models.

Published: ViT-B, ViT-L and ViT-H (Kirillov et al., "Segment Anything", 2023) and TinyViT of
MobileSAM (Zhang et al., "Faster Segment Anything", 2023), all with the same prompts and decoder.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from biprompt.models.checks import check_heads, check_image_size

MASKS = 4
"""Masks of one answer: one for an unambiguous prompt, three readings of an ambiguous one."""
STRIDE = 16
"""Pixels of the image per cell of the embedding, along one side."""


@dataclass(frozen=True, slots=True)
class VitConfig:
    """A plain vision transformer over 16-pixel patches; the defaults are those of ViT-H.

    Attributes:
        image_size: side of the square image in pixels.
        dim: width of the tokens.
        depth: number of blocks.
        heads: attention heads.
        mlp: width of the hidden layer of each block.
        window: side, in tokens, of the windows that the other blocks attend in.
        global_blocks: blocks that attend over the whole image.
        out_dim: channels of the embedding.

    Raises:
        InputError: the image is no multiple of a patch, or the heads do not divide the width.
    """

    image_size: int = 1024
    dim: int = 1280
    depth: int = 32
    heads: int = 16
    mlp: int = 5120
    window: int = 14
    global_blocks: tuple[int, ...] = (7, 15, 23, 31)
    out_dim: int = 256

    def __post_init__(self) -> None:
        check_image_size(self.image_size, STRIDE)
        check_heads(self.dim, self.heads)


@dataclass(frozen=True, slots=True)
class TinyVitConfig:
    """A convolutional stage and three windowed stages; the defaults are those of MobileSAM.

    Attributes:
        image_size: side of the square image in pixels.
        dims: widths of the four stages.
        depths: blocks of each stage.
        heads: attention heads of each stage (the first has none: its number is not used).
        windows: side of the attention windows of each stage, likewise.
        out_dim: channels of the embedding.

    Raises:
        InputError: the image is no multiple of 16, or the heads do not divide a width.
    """

    image_size: int = 1024
    dims: tuple[int, int, int, int] = (64, 128, 160, 320)
    depths: tuple[int, int, int, int] = (2, 2, 6, 2)
    heads: tuple[int, int, int, int] = (2, 4, 5, 10)
    windows: tuple[int, int, int, int] = (7, 7, 14, 7)
    out_dim: int = 256

    def __post_init__(self) -> None:
        check_image_size(self.image_size, STRIDE)
        for dim, heads in zip(self.dims[1:], self.heads[1:], strict=True):
            check_heads(dim, heads)


@dataclass(frozen=True, slots=True)
class DecoderConfig:
    """Sizes of the mask decoder and of what reads mask prompts.

    Attributes:
        depth: two-way layers.
        heads: attention heads; they also divide half the width, that of the cross-attention.
        mlp: width of the hidden layer of each two-way layer.
        iou_hidden: width of the hidden layers that predict IoU.
        mask_channels: channels in which a mask prompt is read before it joins the image.
    """

    depth: int = 2
    heads: int = 8
    mlp: int = 2048
    iou_hidden: int = 256
    mask_channels: int = 16


@dataclass(frozen=True, slots=True)
class SamConfig:
    """Sizes of :class:`~biprompt.models.sam.sam.Sam`; the defaults are those of SAM ViT-H."""

    encoder: VitConfig | TinyVitConfig = field(default_factory=VitConfig)
    decoder: DecoderConfig = field(default_factory=DecoderConfig)

    def __post_init__(self) -> None:
        check_heads(self.dim // 2, self.decoder.heads)

    @property
    def image_size(self) -> int:
        """Side ``S`` of the square image in pixels."""
        return self.encoder.image_size

    @property
    def grid(self) -> int:
        """Side of the embedding in cells, ``S / 16``."""
        return self.image_size // STRIDE

    @property
    def dim(self) -> int:
        """Width of the embedding, the prompt tokens and the decoder."""
        return self.encoder.out_dim

    @classmethod
    def vit_b(cls) -> SamConfig:
        """SAM ViT-B, 93.7M parameters."""
        return cls(VitConfig(dim=768, depth=12, heads=12, mlp=3072, global_blocks=(2, 5, 8, 11)))

    @classmethod
    def vit_l(cls) -> SamConfig:
        """SAM ViT-L, 312.3M parameters."""
        blocks = (5, 11, 17, 23)
        return cls(VitConfig(dim=1024, depth=24, heads=16, mlp=4096, global_blocks=blocks))

    @classmethod
    def vit_h(cls) -> SamConfig:
        """SAM ViT-H, 641.1M parameters."""
        return cls(VitConfig())

    @classmethod
    def mobile(cls) -> SamConfig:
        """MobileSAM, 10.1M parameters in its checkpoint (0.3M of them a classifier, not built)."""
        return cls(TinyVitConfig())
