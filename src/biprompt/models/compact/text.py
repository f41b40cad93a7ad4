"""The text expert: words and image tokens fused early, then one prompt embedding.

In the manner of EVF-SAM (arXiv 2406.20076, section 3): a multiway encoder as in BEiT-3 (shared
self-attention, one feed-forward expert for each modality) reads image and words together from its
first layer; its [CLS] token, projected, prompts the mask decoder. Two things are added, because
this model is small: a prior at stride 16 read from the fused image tokens, and a presence score.
Image tokens also carry what their place resembles (``semantics``), embedded as the words are.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact.backbone import LEVELS
from biprompt.models.compact.config import CompactConfig
from biprompt.models.compact.guides import centres
from biprompt.models.compact.layers import mlp, upsample2
from biprompt.models.compact.values import Features


class MultiwayBlock(nn.Module):
    """Shared attention over [CLS], words and image; separate feed-forward experts."""

    def __init__(self, dim: int, heads: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.heads = heads
        self.norm_attention = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm_words, self.norm_image = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.words, self.image = (
            nn.Sequential(nn.Linear(dim, 3 * dim), nn.GELU(), nn.Linear(3 * dim, dim))
            for _ in range(2)
        )

    def forward(self, x: Tensor, bias: Tensor, words: int) -> Tensor:
        """``x`` ``(P, words + image tokens, C)``; ``bias`` ``(P, 1, 1, L)`` is -1e4 on padding."""
        x = x + self._attend(self.norm_attention(x), bias)
        left, right = x[:, :words], x[:, words:]
        left = left + self.words(self.norm_words(left))
        right = right + self.image(self.norm_image(right))
        return torch.cat((left, right), 1)

    def _attend(self, x: Tensor, bias: Tensor) -> Tensor:
        p, length, c = x.shape
        split = self.qkv(x).reshape(p, length, 3, self.heads, c // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4).unbind(0)
        weight = (q * (c // self.heads) ** -0.5) @ k.transpose(-1, -2)
        weight = torch.softmax(weight.float() + bias, -1).to(v.dtype)
        return self.out((weight @ v).transpose(1, 2).reshape(p, length, c))  # type: ignore[no-any-return]


def position_code(h: int, w: int, dim: int, device: torch.device) -> Tensor:
    """Sines and cosines of the relative position, ``(h * w, dim)``; so "left" can be learnt."""
    bands = dim // 4
    frequency = math.pi * 2.0 ** torch.linspace(-1.0, 4.0, bands, device=device)
    x = centres(w, 1, device)[None, :, None] / w * frequency
    y = centres(h, 1, device)[:, None, None] / h * frequency
    parts = (x.sin().expand(h, w, bands), x.cos().expand(h, w, bands),
             y.sin().expand(h, w, bands), y.cos().expand(h, w, bands))  # fmt: skip
    return torch.cat(parts, -1).reshape(h * w, 4 * bands)


class TextExpert(nn.Module):
    """Word vectors and image features in; prompt embedding, prior and presence out."""

    def __init__(self, config: CompactConfig) -> None:
        """Make the layers with random weights."""
        super().__init__()
        dim = config.text_dim
        self.dim = dim
        self.cls = nn.Parameter(torch.randn(1, 1, dim) * 0.02)
        self.word = nn.Sequential(nn.Linear(config.word_dim, dim), nn.GELU(), nn.Linear(dim, dim))
        self.order = nn.Parameter(torch.randn(1, config.max_words, dim) * 0.02)
        self.pixel = nn.Conv2d(LEVELS[17], dim, 1)
        self.pixel16 = nn.Conv2d(config.width16, dim, 1)
        self.place = nn.Linear(dim // 4 * 4, dim)
        self.blocks = nn.ModuleList(
            MultiwayBlock(dim, config.text_heads) for _ in range(config.text_layers)
        )
        self.norm = nn.LayerNorm(dim)
        self.projector = mlp((dim, dim, config.text_dim))
        self.prior_query = nn.Linear(dim, dim)
        self.prior_bias = nn.Parameter(torch.tensor(-1.0))
        self.match = nn.Linear(2, dim)
        self.match_prior = nn.Parameter(torch.tensor([1.0, 1.0]))
        self.presence = mlp((2 * dim + 6, dim, 1))

    def forward(self, features: Features, words: Tensor, lengths: Tensor) -> tuple[Tensor, ...]:
        """Fuse.

        Args:
            features: gathered, one entry per phrase.
            words: ``(P, L, word_dim)`` word vectors, padded with zeros, ``L <= max_words``.
            lengths: ``(P,)`` float, how many of them count (at least 1).

        Returns:
            query ``(P, text_dim)``, prior logits ``(P, 1, H/16, W/16)``, presence logits ``(P,)``.
        """
        p, length = words.shape[:2]
        h, w = features.c32.shape[2], features.c32.shape[3]
        alike = resemblance(features.sem32, words, lengths)
        image = self._image_tokens(features, alike)
        said = self.word(words) + self.order[:, :length]
        x = torch.cat((self.cls.expand(p, 1, self.dim), said.to(image.dtype), image), 1)
        x = self._encode(x, self._padding(lengths, length, h * w), length + 1)
        cls, seen = x[:, 0], x[:, length + 1 :]
        fused = seen.transpose(1, 2).reshape(p, self.dim, h, w)
        hint = (alike.float() * self.match_prior).sum(-1).reshape(p, 1, h, w)
        prior = self._prior(cls, fused, features.p16) + upsample2(hint)
        return self.projector(cls), prior, self._presence(cls, seen, prior, alike)

    def _image_tokens(self, features: Features, alike: Tensor) -> Tensor:
        """One token per place at stride 32, ``(P, h * w, dim)``."""
        h, w = features.c32.shape[2], features.c32.shape[3]
        seen = self.pixel(features.c32) + F.avg_pool2d(self.pixel16(features.p16), 2)
        tokens: Tensor = (
            seen.flatten(2).transpose(1, 2)
            + self.place(position_code(h, w, self.dim, seen.device))
            + self.word(features.sem32.flatten(2).transpose(1, 2))
            + self.match(alike)
        )
        return tokens

    def _encode(self, x: Tensor, bias: Tensor, words: int) -> Tensor:
        for block in self.blocks:
            x = block(x, bias, words)
        return self.norm(x)  # type: ignore[no-any-return]

    @staticmethod
    def _padding(lengths: Tensor, length: int, pixels: int) -> Tensor:
        """-1e4 on padded words, 0 elsewhere, ``(P, 1, 1, 1 + L + pixels)``."""
        said = torch.arange(length, device=lengths.device, dtype=torch.float32)
        bias = (said[None] >= lengths[:, None]).float() * -1e4
        return F.pad(bias, (1, pixels))[:, None, None]

    def _prior(self, cls: Tensor, fused: Tensor, p16: Tensor) -> Tensor:
        place = upsample2(fused) + self.pixel16(p16)
        query = self.prior_query(cls)[:, None]
        logits: Tensor = (query @ place.flatten(2)).float() * self.dim**-0.5 + self.prior_bias
        return logits.reshape(logits.shape[0], 1, p16.shape[2], p16.shape[3])

    def _presence(self, cls: Tensor, seen: Tensor, prior: Tensor, alike: Tensor) -> Tensor:
        peak = prior.flatten(1).amax(1, keepdim=True)
        mean = torch.sigmoid(prior).flatten(1).mean(1, keepdim=True)
        alike = alike.float()
        facts = (cls.float(), seen.float().amax(1), peak, mean, alike.amax(1), alike.mean(1))
        return self.presence(torch.cat(facts, 1))[:, 0]  # type: ignore[no-any-return]


def resemblance(sem32: Tensor, words: Tensor, lengths: Tensor) -> Tensor:
    """How much each place resembles the words, by the frozen classifier's votes.

    Args:
        sem32: ``(P, D, h, w)``.
        words: ``(P, L, D)``, padded with zeros.
        lengths: ``(P,)``.

    Returns:
        ``(P, h * w, 2)``: the most similar word (at least 0), and the mean of all words.
    """
    places = sem32.float().flatten(2).transpose(1, 2)
    each = places @ words.float().transpose(1, 2)
    mean = words.float().sum(1, keepdim=True) / lengths[:, None, None]
    mean = mean / torch.sqrt((mean * mean).sum(-1, keepdim=True) + 1e-6)
    whole = places @ mean.transpose(1, 2)
    # Padding resembles every place by 0, so 0 is the least for a phrase without padding too.
    best = each.amax(-1, keepdim=True).clamp(min=0.0)
    return torch.cat((best, whole), -1)
