"""Sizes of SAM and MobileSAM from the shapes of their tensors."""

from __future__ import annotations

from math import isqrt

from biprompt.models.sam.config import (
    STRIDE,
    DecoderConfig,
    SamConfig,
    TinyVitConfig,
    VitConfig,
)
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.stated import Stated


def sam_config(keys: Keys, stated: Stated) -> SamConfig:
    """Sizes of SAM: only the heads of the decoder are not in a shape."""
    return SamConfig(_vit(keys.under("image_encoder.")), _decoder(keys, stated.part("decoder")))


def mobile_sam_config(keys: Keys, stated: Stated) -> SamConfig:
    """Sizes of MobileSAM: the heads of the decoder and the image size are not in a shape."""
    encoder = _tiny_vit(keys.under("image_encoder."), stated.part("encoder"))
    return SamConfig(encoder, _decoder(keys, stated.part("decoder")))


def _vit(keys: Keys) -> VitConfig:
    _, grid, _, dim = keys.shape("pos_embed", 4)
    depth = keys.count("blocks")
    tables = [keys.shape(f"blocks.{index}.attn.rel_pos_h", 2) for index in range(depth)]
    # A table holds the distances -(n - 1) to n - 1 of n positions, for the width of one head.
    sides = [(length + 1) // 2 for length, _ in tables]
    return VitConfig(
        image_size=grid * STRIDE,
        dim=dim,
        depth=depth,
        heads=dim // tables[0][1],
        mlp=keys.shape("blocks.0.mlp.lin1.weight", 2)[0],
        window=min(sides),
        global_blocks=tuple(index for index, side in enumerate(sides) if side == grid),
        out_dim=keys.shape("neck.0.weight", 4)[0],
    )


def _tiny_vit(keys: Keys, stated: Stated) -> TinyVitConfig:
    usual = TinyVitConfig()
    attention = [keys.under(f"layers.{stage}.blocks.0.attn.") for stage in (1, 2, 3)]
    biases = [stage.shape("attention_biases", 2) for stage in attention]
    widths = [stage.shape("norm.weight", 1)[0] for stage in attention]
    first = keys.shape("layers.0.blocks.0.conv1.c.weight", 4)[1]
    depths = [keys.count(f"layers.{stage}.blocks") for stage in range(4)]
    # One bias for each distance of rows and columns in a square window.
    sides = [isqrt(count) for _, count in biases]
    return TinyVitConfig(
        image_size=stated.number("image_size", usual.image_size),
        dims=(first, widths[0], widths[1], widths[2]),
        depths=(depths[0], depths[1], depths[2], depths[3]),
        heads=(usual.heads[0], biases[0][0], biases[1][0], biases[2][0]),
        windows=(usual.windows[0], sides[0], sides[1], sides[2]),
        out_dim=keys.shape("neck.0.weight", 4)[0],
    )


def _decoder(keys: Keys, stated: Stated) -> DecoderConfig:
    return decoder_sizes(keys, "prompt_encoder.", "mask_decoder.", "mlp.lin1.weight", stated)


def decoder_sizes(
    keys: Keys, prompt_prefix: str, decoder_prefix: str, hidden: str, stated: Stated
) -> DecoderConfig:
    """Sizes of a mask decoder in the manner of SAM.

    Args:
        keys: of the network.
        prompt_prefix: of the prompt encoder's keys.
        decoder_prefix: of the decoder's keys.
        hidden: name, within a two-way layer, of the first matrix of its MLP.
        stated: what the checkpoint says of its decoder.
    """
    layers = f"{decoder_prefix}transformer.layers"
    return DecoderConfig(
        depth=keys.count(layers),
        heads=stated.number("heads", DecoderConfig().heads),
        mlp=keys.shape(f"{layers}.0.{hidden}", 2)[0],
        iou_hidden=keys.shape(f"{decoder_prefix}iou_prediction_head.layers.0.weight", 2)[0],
        mask_channels=keys.shape(f"{prompt_prefix}mask_downscaling.3.weight", 4)[0],
    )
