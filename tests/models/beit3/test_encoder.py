"""How image and text meet: masks, padding, several images, layers that see only one of both."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from biprompt.errors import InputError
from biprompt.models.beit3 import Beit3, Streams

close = torch.testing.assert_close


def plain(beit3: Beit3, streams: Streams, joint_layers: int, real: Tensor | None = None) -> Tensor:
    """The encoder in the plainest way: one sequence, float64, softmax written out."""
    state = {k: v.double() for k, v in beit3.encoder.state_dict().items()}
    n, t = streams.visual.shape[1], streams.text.shape[1]

    def each(x: Tensor, name: str) -> Tensor:
        parts = []
        for way, part in (("A", x[:, :n]), ("B", x[:, n:])):
            weight, bias = (
                state[f"{name.replace('*', way)}.{kind}"] for kind in ("weight", "bias")
            )
            norm = weight.ndim == 1
            parts.append(F.layer_norm(part, weight.shape, weight, bias) if norm
                         else part @ weight.T + bias)  # fmt: skip
        return torch.cat(parts, 1)

    tables = (state[f"embed_positions.{way}.weight"] for way in "AB")
    places = torch.cat([table[2 : 2 + size] for table, size in zip(tables, (n, t), strict=True)])
    x = torch.cat((streams.visual, streams.text), 1).double() + places
    seen = torch.ones(len(x), 1, n + t, dtype=torch.bool)
    if real is not None:
        seen[:, 0, n:] = real
        x[:, n:] *= real[..., None]
    text = torch.arange(n + t) >= n
    heads = beit3.config.heads
    for index in range(beit3.config.layers):
        at = f"layers.{index}."
        y = each(x, at + "self_attn_layer_norm.*")
        q, k, v = (each(y, f"{at}self_attn.{p}_proj.*").chunk(heads, -1) for p in "qkv")
        allowed = seen if index < joint_layers else seen & (text[:, None] == text)
        mixed = []
        for a, b, c in zip(q, k, v, strict=True):
            scores = (a @ b.mT) / math.sqrt(a.shape[-1])
            mixed.append(scores.masked_fill(~allowed, -math.inf).softmax(-1) @ c)
        y = each(torch.cat(mixed, -1), at + "self_attn.inner_attn_ln.*")
        x = x + each(y, at + "self_attn.out_proj.*")
        y = F.gelu(each(each(x, at + "final_layer_norm.*"), at + "ffn.*.fc1"))
        x = x + each(each(y, at + "ffn.*.ffn_layernorm"), at + "ffn.*.fc2")
    return each(x, "layer_norm.*").float()


@pytest.fixture
def streams(beit3: Beit3, pixels: Tensor, ids: Tensor) -> Streams:
    return Streams(beit3.vision_embed(pixels), beit3.text_embed(ids))


@pytest.mark.parametrize("joint_layers", [0, 1, 2, 3])
def test_first_layers_join_both(beit3: Beit3, streams: Streams, joint_layers: int) -> None:
    encoded = beit3.encoder(streams, None, joint_layers)
    close(encoded.joined(), plain(beit3, streams, joint_layers), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("joint_layers", [0, 2, 3])
def test_mask(beit3: Beit3, streams: Streams, joint_layers: int) -> None:
    real = torch.tensor([[True] * 5, [True, True, False, False, False]])
    encoded = beit3.encoder(streams, real, joint_layers)
    close(encoded.joined(), plain(beit3, streams, joint_layers, real), atol=1e-4, rtol=1e-4)


def test_none_joins_all_layers(beit3: Beit3, streams: Streams) -> None:
    assert torch.equal(beit3.encoder(streams).joined(), beit3.encoder(streams, None, 3).joined())


@pytest.mark.parametrize("joint_layers", [None, 1])
def test_padding_changes_nothing(
    beit3: Beit3, pixels: Tensor, ids: Tensor, joint_layers: int | None
) -> None:
    whole = beit3(pixels, ids, joint_layers=joint_layers)
    longer, real = torch.full((2, 9), 1), torch.zeros(2, 9, dtype=torch.bool)
    longer[:, :5], real[:, :5] = ids, True
    longer[:, 7] = 33  # whatever stands there
    padded = beit3(pixels, longer, real, joint_layers=joint_layers)
    close(padded.visual, whole.visual, atol=2e-5, rtol=1e-5)
    close(padded.text[:, :5], whole.text, atol=2e-5, rtol=1e-5)


def test_padding_without_a_mask_would_change_much(
    beit3: Beit3, pixels: Tensor, ids: Tensor
) -> None:
    """So the test above can fail."""
    padded = beit3(pixels, F.pad(ids, (0, 4), value=1))
    assert (padded.visual[:, 0] - beit3(pixels, ids).visual[:, 0]).abs().max() > 1e-2


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8, torch.float32])
def test_a_mask_that_is_not_bool_is_refused(
    beit3: Beit3, pixels: Tensor, ids: Tensor, dtype: torch.dtype
) -> None:
    with pytest.raises(InputError, match=r"text mask: expected bool .*True at real tokens"):
        beit3(pixels, ids, torch.ones(2, 5, dtype=dtype))


def test_a_mask_of_another_shape_is_refused(beit3: Beit3, pixels: Tensor, ids: Tensor) -> None:
    with pytest.raises(InputError, match="text mask"):
        beit3(pixels, ids, torch.ones(2, 4, dtype=torch.bool))


def test_each_phrase_sees_its_image(beit3: Beit3, pixels: Tensor, ids: Tensor) -> None:
    image_of = torch.tensor([1, 0, 1])
    phrases = ids[[0, 1, 1]]
    together = beit3(pixels, phrases, image_of=image_of).joined()
    for row, image in enumerate(image_of):
        alone = beit3(pixels[image][None], phrases[row][None]).joined()
        close(together[row], alone[0], atol=2e-5, rtol=1e-5)


def test_images_and_phrases_must_match(beit3: Beit3, pixels: Tensor, ids: Tensor) -> None:
    with pytest.raises(InputError, match="images: expected one a phrase, 2, got 1"):
        beit3(pixels[:1], ids)


def test_alone(beit3: Beit3, pixels: Tensor, ids: Tensor) -> None:
    """Read alone, a modality is what it is when no layer joins them."""
    real = torch.tensor([[True] * 5, [True, True, True, False, False]])
    apart = beit3(pixels, ids, real, joint_layers=0)
    close(beit3.image_alone(pixels), apart.visual, atol=1e-5, rtol=1e-5)
    close(beit3.text_alone(ids, real), apart.text, atol=1e-5, rtol=1e-5)


def test_text_position_counts(beit3: Beit3, ids: Tensor) -> None:
    swapped = ids[:, [0, 2, 1, 3, 4]]
    assert (beit3.text_alone(ids)[:, 0] - beit3.text_alone(swapped)[:, 0]).abs().max() > 1e-2


def test_longest_phrase(beit3: Beit3) -> None:
    most = beit3.config.max_text_tokens
    assert most == 1022
    assert beit3.text_alone(torch.zeros(1, most, dtype=torch.int64)).isfinite().all()
    with pytest.raises(InputError, match="tokens: expected at most 1022, got 1023"):
        beit3.text_alone(torch.zeros(1, most + 1, dtype=torch.int64))


@pytest.mark.parametrize("shape", [(2, 3, 64, 80), (2, 1, 64, 64), (3, 64, 64)])
def test_image_of_another_shape_is_refused(
    beit3: Beit3, ids: Tensor, shape: tuple[int, ...]
) -> None:
    with pytest.raises(InputError, match="image of BEiT-3"):
        beit3(torch.zeros(shape), ids)


def test_half_precision_stays_near(beit3: Beit3, pixels: Tensor, ids: Tensor) -> None:
    import copy

    half = copy.deepcopy(beit3).bfloat16()(pixels.bfloat16(), ids).visual[:, 0]
    assert half.dtype == torch.bfloat16
    exact = beit3(pixels, ids).visual[:, 0]
    assert F.cosine_similarity(half.float(), exact).min() > 0.99
