"""The vision transformer against the official one, and its attention against its formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.sam import Sam, SamConfig, attention, windows
from biprompt.models.sam.attention import RelativeAttention
from biprompt.models.sam.image_encoder import ImageEncoder
from biprompt.models.sam.layers import LayerNorm2d, Neck

Read = Callable[[str], Tensor]
Record = Callable[[dict[str, nn.Module]], Any]


def close(found: Tensor, expected: Tensor, tolerance: float = 1e-5) -> None:
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance)


def random_attention(side: int, heads: int = 3, dim: int = 12) -> RelativeAttention:
    torch.manual_seed(0)
    layer = RelativeAttention(dim, heads, side)
    for table in (layer.rel_pos_h, layer.rel_pos_w):
        nn.init.normal_(table)
    return layer.requires_grad_(False)


@pytest.mark.parametrize("case", ["A", "D"])
def test_every_stage_is_the_official_one(sam: Sam, golden: Read, record: Record, case: str) -> None:
    encoder = sam.image_encoder
    layers = {
        "sam_patch_embed": encoder.patch_embed,
        "sam_block0_window": encoder.blocks[0],
        "sam_block1_global": encoder.blocks[1],
        "sam_block3": encoder.blocks[3],
        "image_embeddings": encoder,
    }
    with record(layers) as found:
        sam.encode_image(golden("sam_input1")[None])
    for name in layers:
        close(found[name], golden(f"{case}/{name}"))


def test_images_of_a_batch_do_not_mix(sam: Sam, golden: Read) -> None:
    images = torch.stack((golden("sam_input1"), golden("sam_input2")))
    together = sam.encode_image(images)["image"]
    for image, found in zip(images, together, strict=True):
        close(found, sam.encode_image(image[None])["image"][0])


def naive_attention(layer: RelativeAttention, x: Tensor) -> Tensor:
    """The docstring's formula, one pair of tokens after another."""
    side, heads, dim = x.shape[0], layer.heads, x.shape[-1]
    d = dim // heads
    q, k, v = layer.qkv(x).view(side, side, 3, heads, d).unbind(2)
    mixed = torch.zeros(side, side, heads, d)
    for y in range(side):
        for x_ in range(side):
            for head in range(heads):
                query = q[y, x_, head]
                logits = torch.stack([
                    query @ k[v_, u, head] / math.sqrt(d)
                    + query @ layer.rel_pos_h[y - v_ + side - 1]
                    + query @ layer.rel_pos_w[x_ - u + side - 1]
                    for v_ in range(side) for u in range(side)
                ])  # fmt: skip
                mixed[y, x_, head] = logits.softmax(0) @ v[:, :, head].reshape(-1, d)
    return layer.proj(mixed.flatten(2))


def test_attention_is_its_formula() -> None:
    layer = random_attention(side=4)
    x = torch.randn(2, 4, 4, 12)
    for one, found in zip(x, layer(x), strict=True):
        close(found, naive_attention(layer, one))


@pytest.mark.parametrize("limit", [1, 2 * 3 * 5 * 25 * 2, 1 << 25])
def test_the_bias_is_made_for_some_rows_at_a_time(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    layer, x, row = random_attention(side=5), torch.randn(2, 5, 5, 12), 2 * 3 * 5 * 25
    whole = layer(x)
    sizes: list[int] = []
    plain = attention._bias

    def counted(query: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        bias = plain(query, rows, columns)
        sizes.append(bias.numel())
        return bias

    monkeypatch.setattr(attention, "_bias", counted)
    monkeypatch.setattr(attention, "_BIAS_ELEMENTS", limit)
    close(layer(x), whole)
    assert max(sizes) <= max(limit, row) and sum(sizes) == 5 * row


def test_windows_are_cut_from_left_to_right_and_filled_with_zeros() -> None:
    x = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])[None, :, :, None]
    assert windows.cut(x, 2)[..., 0].tolist() == [
        [[1, 2], [4, 5]], [[3, 0], [6, 0]],
        [[7, 8], [0, 0]], [[9, 0], [0, 0]],
    ]  # fmt: skip


@pytest.mark.parametrize(("hw", "side"), [((6, 6), 3), ((7, 5), 3), ((2, 4), 5)])
def test_windows_join_to_what_was_cut(hw: tuple[int, int], side: int) -> None:
    x = torch.randn(2, *hw, 3)
    assert torch.equal(windows.join(windows.cut(x, side), hw), x)


def test_normalisation_is_over_channels() -> None:
    layer = LayerNorm2d(3)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    x = torch.randn(2, 3, 4, 5)
    mean, variance = x.mean(1, keepdim=True), x.var(1, keepdim=True, unbiased=False)
    scaled = (x - mean) / (variance + 1e-6).sqrt()
    close(layer(x), scaled * layer.weight[:, None, None] + layer.bias[:, None, None])


def test_the_neck_s_sums_may_leave_half_precision() -> None:
    torch.manual_seed(0)
    neck = Neck(8, 4).requires_grad_(False)
    nn.init.constant_(neck[0].weight[0], 100.0)
    tokens = torch.rand(1, 3, 3, 8) * 200  # sums near 80 000; float16 ends at 65 504
    found = neck.half()(tokens.half())
    assert found.dtype == torch.float16
    close(found.float(), neck.float()(tokens.half().float()), 5e-3)


def test_an_image_of_another_size_is_refused(sam: Sam) -> None:
    with pytest.raises(InputError, match=r"expected \(B, 3, 128, 128\), got \(1, 3, 64, 128\)"):
        sam.encode_image(torch.zeros(1, 3, 64, 128))
    with pytest.raises(InputError, match="image of SAM"):
        sam.encode_image(torch.zeros(3, 128, 128))


def test_gradients_reach_every_weight(tiny: SamConfig) -> None:
    encoder = ImageEncoder(tiny.encoder)
    encoder(torch.randn(1, 3, 128, 128)).square().sum().backward()
    missing = [name for name, p in encoder.named_parameters() if p.grad is None]
    assert missing == []
