"""Where BEiT-3 looks for a phrase: attention of the image's [CLS] to its patches."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3.attention import MultiwayAttention
from biprompt.models.beit3.model import Beit3
from biprompt.models.beit3.multiway import Streams


@torch.no_grad()
def image_attention(
    beit3: Beit3,
    pixels: Tensor,
    ids: Tensor,
    text_mask: Tensor | None = None,
    *,
    layer: int = -1,
    joint_layers: int | None = None,
) -> Tensor:
    """How much the [CLS] of an image looks at each patch, with a phrase read beside it.

    The sum over heads of one layer's attention, as in figure 8 of EVF-SAM (arXiv 2406.20076), of
    the last layer there. What the [CLS] gives to itself and to the words is left out, so that a map
    sums to at most the number of heads.

    Args:
        beit3: reads both together.
        pixels: ``(P, 3, S, S)`` float, an image for each phrase.
        ids: ``(P, T)`` int64.
        text_mask: ``(P, T)`` bool, True at real tokens; None when there is no padding.
        layer: which layer; negative ones count from the end.
        joint_layers: as of `Beit3.forward`; in later layers the image looks at itself alone.

    Returns:
        ``(P, G, G)`` float32, patches row by row.

    Raises:
        InputError: there is no such layer, or a shape does not fit.
    """
    layers = beit3.encoder.layers
    if not -len(layers) <= layer < len(layers):
        expected = f"{-len(layers)} to {len(layers) - 1}"
        raise InputError("layer", expected=expected, actual=layer)
    attention: MultiwayAttention = layers[layer].self_attn  # type: ignore[assignment]
    seen: list[Streams] = []

    def note(module: nn.Module, given: tuple[Streams, ...]) -> None:
        seen.append(given[0])

    hook = attention.register_forward_pre_hook(note)
    try:
        beit3(pixels, ids, text_mask, joint_layers=joint_layers)
    finally:
        hook.remove()
    joint = joint_layers is None or layer % len(layers) < joint_layers
    x = seen[0] if joint else Streams(seen[0].visual, seen[0].text[:, :0])
    weights = _weights(attention, x, text_mask if joint else None)
    side = beit3.config.image_size // beit3.config.patch_size
    return weights[:, :, 1 : 1 + side * side].sum(1).view(-1, side, side)


def _weights(attention: MultiwayAttention, x: Streams, text_mask: Tensor | None) -> Tensor:
    """Attention of the first visual token to all tokens, ``(P, heads, N + T)``."""
    query = attention.q_proj.A(x.visual[:, :1])
    key = attention.k_proj(x).joined()
    heads, width = attention.heads, query.shape[-1] // attention.heads
    q, k = (part.unflatten(-1, (heads, width)).transpose(1, 2) for part in (query, key))
    scores = (q @ k.transpose(-1, -2))[:, :, 0] / width**0.5
    if text_mask is not None:
        visual = text_mask.new_ones(len(text_mask), x.visual.shape[1])
        real = torch.cat((visual, text_mask), 1)
        scores = scores.masked_fill(~real[:, None], float("-inf"))
    return torch.softmax(scores.float(), -1)
