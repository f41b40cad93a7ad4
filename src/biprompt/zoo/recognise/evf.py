"""Sizes of EVF-SAM's own part, BEiT-3 and the projector, from the shapes of its tensors."""

from __future__ import annotations

from math import isqrt
from typing import get_args

from biprompt.errors import WeightsError
from biprompt.models.beit3 import Beit3Config
from biprompt.models.beit3.config import FIRST_POSITION
from biprompt.models.evf import EvfConfig, Feature, Fusion
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.stated import Stated

_HEAD_DIM = 64
"""Width of a head of the published BEiT-3 models."""


def evf_config(keys: Keys, stated: Stated) -> EvfConfig:
    """Sizes of EVF-SAM: BEiT-3's heads and the ablations of the paper are not in a shape."""
    usual = EvfConfig()
    layers = stated.tree.get("early_layers")
    return EvfConfig(
        beit3=beit3_config(keys.under("mm_extractor.beit3."), stated.part("beit3")),
        out_dim=keys.shape("text_hidden_fcs.0.2.weight", 2)[0],
        fusion=stated.choice("fusion", usual.fusion, get_args(Fusion)),
        early_layers=None if layers is None else stated.number("early_layers", 1),
        feature=stated.choice("feature", usual.feature, get_args(Feature)),
    )


def beit3_config(keys: Keys, stated: Stated) -> Beit3Config:
    """Sizes of BEiT-3 alone: only its heads are not in a shape."""
    vocabulary, dim = keys.shape("text_embed.weight", 2)
    patch = keys.shape("vision_embed.proj.weight", 4)[-1]
    return Beit3Config(
        image_size=patch * _grid(keys.shape("encoder.embed_positions.A.weight", 2)[0]),
        patch_size=patch,
        vocab_size=vocabulary,
        dim=dim,
        heads=stated.number("heads", max(1, dim // _HEAD_DIM)),
        ffn_dim=keys.shape("encoder.layers.0.ffn.A.fc1.weight", 2)[0],
        layers=keys.count("encoder.layers"),
        text_positions=keys.shape("encoder.embed_positions.B.weight", 2)[0],
    )


def _grid(positions: int) -> int:
    """Side, in patches, of the image that has a class token and that many rows of positions."""
    patches = positions - FIRST_POSITION - 1
    side = isqrt(max(patches, 0))
    if side < 1 or side * side != patches:
        raise WeightsError("positions of BEiT-3", expected="3 more than a square", actual=positions)
    return side
