"""Self-attention over both modalities at once, or within each."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.beit3.config import Beit3Config
from biprompt.models.beit3.multiway import Streams, multiway_linear, multiway_norm


class KeyMasks(NamedTuple):
    """Which keys may be looked at: bool, True where a token is real; None where all are."""

    joint: Tensor | None
    """``(P, 1, 1, N + T)``, over both modalities."""
    text: Tensor | None
    """``(P, 1, 1, T)``, over the text alone."""

    @classmethod
    def of(cls, x: Streams, text_mask: Tensor | None) -> KeyMasks:
        """Widen the mask of the text by the visual tokens, which are all real.

        Args:
            x: the streams.
            text_mask: ``(P, T)`` bool, True at real tokens; None when there is no padding.

        Raises:
            InputError: another shape, or not bool. An integer mask is refused because 0 and 1
                mean opposite things to different libraries, and ``~`` of either is still "true".
        """
        if text_mask is None:
            return cls(None, None)
        check_text_mask(text_mask, x.text.shape[:2])
        visual = text_mask.new_ones(x.visual.shape[:2])
        joint = torch.cat((visual, text_mask), 1)
        return cls(joint[:, None, None], text_mask[:, None, None])


def check_text_mask(mask: Tensor, shape: tuple[int, ...]) -> None:
    """Raise InputError unless `mask` is bool and of `shape`."""
    if mask.dtype != torch.bool or mask.shape != shape:
        raise InputError(
            "text mask",
            expected=f"bool of shape {tuple(shape)}, True at real tokens",
            actual=f"{mask.dtype} of shape {tuple(mask.shape)}",
        )


class MultiwayAttention(nn.Module):
    """Multi-head attention whose linear layers differ between image and text.

    A LayerNorm stands before the output layer (sub-LN, as in Magneto, arXiv 2210.06423).
    """

    def __init__(self, config: Beit3Config) -> None:
        """Make the layers with random weights."""
        super().__init__()
        dim = config.dim
        self.heads = config.heads
        self.q_proj = multiway_linear(dim, dim)
        self.k_proj = multiway_linear(dim, dim)
        self.v_proj = multiway_linear(dim, dim)
        self.out_proj = multiway_linear(dim, dim)
        self.inner_attn_ln = multiway_norm(dim, config.eps)

    def forward(self, x: Streams, masks: KeyMasks, joint: bool) -> Streams:
        """Attend over all tokens when `joint`, else within each modality; shapes stay."""
        q, k, v = self.q_proj(x), self.k_proj(x), self.v_proj(x)
        if joint:
            y = x.split(self._attend(q.joined(), k.joined(), v.joined(), masks.joint))
        else:
            y = Streams(
                self._attend(q.visual, k.visual, v.visual, None),
                self._attend(q.text, k.text, v.text, masks.text),
            )
        mixed: Streams = self.out_proj(self.inner_attn_ln(y))
        return mixed

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        """Attend within one sequence: ``(P, L, C)`` each, and a mask ``(P, 1, 1, L)`` of keys."""
        rows, tokens, dim = q.shape
        heads = (rows, tokens, self.heads, dim // self.heads)
        q, k, v = (part.reshape(heads).transpose(1, 2) for part in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return y.transpose(1, 2).flatten(2)
