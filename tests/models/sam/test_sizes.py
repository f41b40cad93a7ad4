"""The published sizes, made without memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from biprompt.errors import InputError
from biprompt.models.sam import DecoderConfig, Sam, SamConfig, TinyVitConfig, VitConfig


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def on_meta(config: SamConfig) -> Sam:
    with torch.device("meta"):
        return Sam(config)


@pytest.mark.parametrize(
    ("preset", "encoder", "whole"),
    [
        (SamConfig.vit_b, 89.67, 93.74),
        (SamConfig.vit_l, 308.28, 312.34),
        (SamConfig.vit_h, 637.03, 641.09),
        # Published with a classifier of 0.32M that is not built: 6.07M and 10.13M.
        (SamConfig.mobile, 5.74, 9.81),
    ],
)
def test_parameters_are_as_many_as_published(
    preset: Callable[[], SamConfig], encoder: float, whole: float
) -> None:
    model = on_meta(preset())
    assert count(model.image_encoder) / 1e6 == pytest.approx(encoder, abs=0.005)
    assert count(model) / 1e6 == pytest.approx(whole, abs=0.005)


def test_shapes_of_the_published_vit_h() -> None:
    state = on_meta(SamConfig.vit_h()).state_dict()
    assert len(state) == 594
    assert state["image_encoder.pos_embed"].shape == (1, 64, 64, 1280)
    assert state["image_encoder.blocks.6.attn.rel_pos_h"].shape == (27, 80)
    assert state["image_encoder.blocks.7.attn.rel_pos_w"].shape == (127, 80)
    assert state["image_encoder.blocks.0.attn.qkv.weight"].shape == (3840, 1280)
    gaussian = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    assert state[gaussian].shape == (2, 128)
    assert state["mask_decoder.mask_tokens.weight"].shape == (4, 256)


@pytest.mark.parametrize(("block", "is_global"), [(4, False), (5, True), (23, True), (22, False)])
def test_global_blocks_of_vit_l(block: int, is_global: bool) -> None:
    encoder = on_meta(SamConfig.vit_l()).image_encoder
    assert (encoder.blocks[block].window is None) == is_global


def test_shapes_of_the_published_mobile_sam() -> None:
    state = on_meta(SamConfig.mobile()).state_dict()
    assert state["image_encoder.patch_embed.seq.0.c.weight"].shape == (32, 3, 3, 3)
    assert state["image_encoder.layers.0.blocks.1.conv2.c.weight"].shape == (256, 1, 3, 3)
    assert state["image_encoder.layers.2.blocks.5.attn.attention_biases"].shape == (5, 196)
    assert state["image_encoder.layers.2.downsample.conv2.c.weight"].shape == (320, 1, 3, 3)
    assert state["image_encoder.layers.3.blocks.1.mlp.fc1.weight"].shape == (1280, 320)
    assert state["image_encoder.neck.0.weight"].shape == (256, 320, 1, 1)


@pytest.mark.parametrize("preset", [SamConfig.vit_b, SamConfig.mobile])
def test_a_published_size_has_an_embedding_of_stride_16(preset: Callable[[], SamConfig]) -> None:
    model = on_meta(preset())
    embedding = model.encode_image(torch.empty(1, 3, 1024, 1024, device="meta"))["image"]
    assert embedding.shape == (1, 256, 64, 64)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: VitConfig(image_size=100), "image size: expected a multiple of 16, got 100"),
        (lambda: VitConfig(dim=64, heads=5), "expected a divisor of the width 64, got 5"),
        (lambda: TinyVitConfig(heads=(2, 4, 7, 10)), "expected a divisor of the width 160, got 7"),
        (lambda: SamConfig(decoder=DecoderConfig(heads=3)), "a divisor of the width 128, got 3"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_sizes_are_plain_values() -> None:
    config = SamConfig.mobile()
    assert dataclasses.replace(config) == config
    assert dataclasses.asdict(config)["encoder"]["windows"] == (7, 7, 14, 7)
    assert (config.image_size, config.grid, config.dim) == (1024, 64, 256)
