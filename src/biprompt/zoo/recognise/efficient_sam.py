"""Sizes of EfficientSAM from the shapes of its tensors."""

from __future__ import annotations

from math import isqrt

from biprompt.models.efficient_sam.config import DecoderConfig, EfficientSamConfig
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.stated import Stated

_HEAD_DIM = 64
"""Width of a head of the published image encoders."""


def efficient_sam_config(keys: Keys, stated: Stated) -> EfficientSamConfig:
    """Sizes of EfficientSAM: image size, heads and the number of points are not in a shape."""
    usual = EfficientSamConfig()
    _, positions, width = keys.shape("image_encoder.pos_embed", 3)
    return EfficientSamConfig(
        image_size=stated.number("image_size", usual.image_size),
        encoder_dim=width,
        encoder_depth=keys.count("image_encoder.blocks"),
        encoder_heads=stated.number("encoder_heads", max(1, width // _HEAD_DIM)),
        pretrained_grid=isqrt(positions - 1),  # the one is a class token
        dim=keys.shape("image_encoder.neck.0.weight", 4)[0],
        decoder=_decoder(keys.under("mask_decoder."), stated.part("decoder")),
        max_points=stated.number("max_points", usual.max_points),
    )


def _decoder(keys: Keys, stated: Stated) -> DecoderConfig:
    upscaling = "final_output_upscaling_layers"
    return DecoderConfig(
        depth=keys.count("transformer.layers"),
        heads=stated.number("heads", DecoderConfig().heads),
        mlp=keys.shape("transformer.layers.0.mlp.layers.0.0.weight", 2)[0],
        iou_hidden=keys.shape("iou_prediction_head.layers.0.0.weight", 2)[0],
        upscaling=(
            keys.shape(f"{upscaling}.0.0.weight", 4)[1],
            keys.shape(f"{upscaling}.1.0.weight", 4)[1],
        ),
    )
