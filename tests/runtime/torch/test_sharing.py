"""One encoder for two checkpoints, where it is the same."""

from __future__ import annotations

import torch
from tests.runtime.torch.conftest import evf_sam

from biprompt.models.sam import Sam
from biprompt.runtime.torch import share_encoder
from biprompt.runtime.torch.sharing import same_weights


def pair() -> tuple[Sam, Sam]:
    one, other = evf_sam().visual_model, evf_sam().visual_model
    assert isinstance(one, Sam) and isinstance(other, Sam)
    return one, other


def test_the_same_encoder_is_kept_once_and_the_decoders_stay() -> None:
    point, text = pair()
    with torch.no_grad():
        text.mask_decoder.mask_tokens.weight += 1
    assert share_encoder(point, text)
    assert text.image_encoder is point.image_encoder
    assert not torch.equal(
        text.mask_decoder.mask_tokens.weight, point.mask_decoder.mask_tokens.weight
    )


def test_a_copy_in_half_precision_is_the_same() -> None:
    for dtype in (torch.float16, torch.bfloat16):
        point, text = pair()
        text.to(dtype)
        assert share_encoder(point, text)
        assert point.image_encoder.pos_embed.dtype == torch.float32


def test_another_encoder_is_kept_beside() -> None:
    point, text = pair()
    with torch.no_grad():
        for value in text.image_encoder.parameters():
            value.mul_(1.001)
    mine = text.image_encoder
    assert not share_encoder(point, text) and text.image_encoder is mine


def test_networks_of_another_kind_or_size_are_not_compared() -> None:
    point, _ = pair()
    linear = torch.nn.Linear(64, 64)
    linear.image_encoder = torch.nn.Identity()
    assert not share_encoder(point, linear)
    assert not same_weights(torch.nn.Linear(8, 8), torch.nn.Linear(8, 9))
