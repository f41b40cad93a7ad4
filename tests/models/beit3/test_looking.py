"""Attention of the [CLS] against attention worked out step by step."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from biprompt.errors import InputError
from biprompt.models.beit3 import Beit3, Beit3Config, Streams, image_attention

CONFIG = Beit3Config(64, 16, 50, 32, 4, 64, 3, 40)
IDS = torch.tensor([[0, 5, 6, 2, 1], [0, 7, 8, 9, 2]])


@pytest.fixture(scope="module")
def beit3() -> Beit3:
    torch.manual_seed(2)
    model = Beit3(CONFIG).eval()
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.2 * torch.randn_like(value))
    return model


@torch.no_grad()
def by_hand(beit3: Beit3, pixels: Tensor, row: int, layer: int) -> Tensor:
    """One phrase without padding, head by head."""
    real = IDS[row][IDS[row] != 1][None]
    x = Streams(beit3.vision_embed(pixels[row : row + 1]), beit3.text_embed(real))
    x = x.plus(beit3.encoder.embed_positions(x))
    from biprompt.models.beit3.attention import KeyMasks

    for earlier in beit3.encoder.layers[:layer]:
        x = earlier(x, KeyMasks(None, None), True)
    chosen = beit3.encoder.layers[layer]
    normal = chosen.self_attn_layer_norm(x)
    q = chosen.self_attn.q_proj(normal).visual[0, 0]
    k = chosen.self_attn.k_proj(normal).joined()[0]
    total = torch.zeros(16)
    for head in range(4):
        part = slice(8 * head, 8 * head + 8)
        scores = torch.tensor([float(q[part] @ one[part]) / 8**0.5 for one in k])
        total += torch.softmax(scores, 0)[1:17]
    return total.view(4, 4)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_sum_over_heads(beit3: Beit3, layer: int) -> None:
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(4))
    found = image_attention(beit3, pixels, IDS, IDS != 1, layer=layer)
    assert found.shape == (2, 4, 4) and found.dtype == torch.float32
    for row in (0, 1):
        assert torch.allclose(found[row], by_hand(beit3, pixels, row, layer), atol=1e-5)
    assert found.sum((1, 2)).max() < 4


def test_the_words_matter_only_where_they_are_seen(beit3: Beit3) -> None:
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(5)).repeat(
        2, 1, 1, 1
    )
    last = image_attention(beit3, pixels, IDS, IDS != 1)
    assert not torch.allclose(last[0], last[1], atol=1e-4)
    alone = image_attention(beit3, pixels, IDS, IDS != 1, layer=0, joint_layers=0)
    assert torch.allclose(alone[0], alone[1])


def test_layers_there_are(beit3: Beit3) -> None:
    pixels = torch.zeros(2, 3, 64, 64)
    first = image_attention(beit3, pixels, IDS, IDS != 1, layer=-3)
    assert torch.equal(first, image_attention(beit3, pixels, IDS, IDS != 1, layer=0))
    with pytest.raises(InputError, match="layer: expected -3 to 2, got 3"):
        image_attention(beit3, pixels, IDS, layer=3)
