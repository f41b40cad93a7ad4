"""One training step as a module, so that accelerate can wrap it (mixed precision, DDP)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact import CompactModel, Features, TextPrompts
from biprompt.training.compact.asking import Batch, Question, ask
from biprompt.training.compact.losses import (
    best_reading,
    cell_iou,
    dice_loss,
    mask_loss,
    soft_dice,
)

WEIGHTS: Mapping[str, float] = {
    "clicks": 1.0, "phrases": 0.8, "quality": 0.5, "presence": 0.4, "prior": 0.6,
}  # fmt: skip

Losses = dict[str, Tensor]


class CompactObjective(nn.Module):
    """Clicks, phrases and both together, in one loss.

    Args:
        model: what is trained.
        spoken: phrases of each image that are decoded.
        word_noise: noise on every number of a word vector.
    """

    def __init__(self, model: CompactModel, *, spoken: int = 2, word_noise: float = 0.03) -> None:
        super().__init__()
        self.model = model
        self.spoken = spoken
        self.word_noise = word_noise

    def forward(
        self, batch: Batch, rng: np.random.Generator, rounds: int
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss and what to log.

        Args:
            batch: arrays of ``samples.collate``.
            rng: source of chance.
            rounds: corrective clicks before the one that is learnt from.
        """
        image = batch["image"].float() / 127.5 - 1.0
        features = self.model.encode(image.contiguous(memory_format=torch.channels_last))
        text, losses = self._ground(features, batch, rng)
        question = ask(self.model, features, batch, text, rng, rounds)
        logits, quality = self.model.decode(
            features.gather(question.image), question.spatial, question.text
        )
        iou = cell_iou(logits, question.target[:, None])
        losses |= decoder_losses(logits, quality, iou, question)
        return total_loss(losses), _report(losses, iou, question)

    def _ground(
        self, features: Features, batch: Batch, rng: np.random.Generator
    ) -> tuple[TextPrompts, Losses]:
        """All phrases: presence and prior losses; the prompts of each image's first phrases."""
        b, t = batch["said"].shape
        index = torch.arange(b, device=features.p4.device).repeat_interleave(t)
        words = self._noisy(batch["words"].flatten(0, 1), rng)
        text, presence = self.model.ground(
            features.gather(index), words, batch["lengths"].flatten()
        )
        losses = text_losses(text.prior, presence, batch)
        first = torch.arange(b * t, device=index.device).reshape(b, t)[:, : self.spoken].flatten()
        return TextPrompts(*(value[first] for value in text)), losses

    def _noisy(self, words: Tensor, rng: np.random.Generator) -> Tensor:
        """Word vectors a little off, so that neighbours of a trained word are understood too."""
        if not self.word_noise:
            return words
        noise = rng.normal(0.0, self.word_noise, tuple(words.shape)).astype(np.float32)
        noise *= rng.random((len(words), 1, 1)) < 0.5
        return words + torch.from_numpy(noise).to(words.device) * (words != 0)


def text_losses(prior: Tensor, presence: Tensor, batch: Batch) -> Losses:
    """How well every phrase was understood, before any decoding.

    Args:
        prior: ``(B * T, 1, H/16, W/16)`` logits of where each phrase points.
        presence: ``(B * T,)`` logits of whether it is there.
        batch: ``said``, ``presence`` and ``meant`` of ``samples.collate``.
    """
    said, there = batch["said"].flatten(), batch["presence"].flatten()
    meant = F.avg_pool2d(batch["meant"].flatten(0, 1)[:, None].float() / 16.0, 4)
    total = said.sum().clamp(min=1.0)
    seen = F.binary_cross_entropy_with_logits(presence.float(), there, reduction="none")
    where = F.binary_cross_entropy_with_logits(prior, meant, reduction="none").mean((1, 2, 3))
    overlap = soft_dice(torch.sigmoid(prior), meant)[:, 0] * there
    return {
        "presence": (seen * said).sum() / total,
        "prior": ((where + 0.5 * overlap) * said).sum() / total,
    }


def decoder_losses(logits: Tensor, quality: Tensor, iou: Tensor, question: Question) -> Losses:
    """How good the masks are, and how well the model knows it.

    A phrase for what is not there asks for an empty first mask.

    Args:
        logits: ``(P, 4, h, w)``.
        quality: ``(P, 4)`` logits of the predicted IoU.
        iou: ``(P, 4)`` true IoU.
        question: what was asked.
    """
    clicks, said, there = question.clicks, question.said, question.there
    per_mask = mask_loss(logits, question.target[:, None].expand_as(logits))
    judged = F.binary_cross_entropy_with_logits(quality, iou, reduction="none").mean(1)
    # Words leave more doubt than clicks, and doubt makes masks timid: overlap counts twice.
    overlap = dice_loss(torch.sigmoid(logits[clicks:]), question.target[clicks:, None])
    named = best_reading(per_mask[clicks:] + overlap) * there
    empty = F.softplus(logits[clicks:, 0]).mean((1, 2)) * (1.0 - there)
    return {
        "clicks": best_reading(per_mask[:clicks]).mean(),
        "phrases": ((named + empty) * said).mean(),
        "quality": judged[:clicks].mean() + (judged[clicks:] * said * there).mean(),
    }


def total_loss(losses: Losses) -> Tensor:
    """The weighted sum."""
    return torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()


def _report(losses: Losses, iou: Tensor, question: Question) -> dict[str, float]:
    """Losses, and IoU of the first mask and of the best reading, by kind of step."""
    clicks, named = question.clicks, question.said * question.there
    kind = "later" if question.later else "first"
    log = {name: float(value.detach()) for name, value in losses.items()}
    log[f"iou_{kind}"] = float(iou[:clicks, 0].mean())
    log[f"best_{kind}"] = float(iou[:clicks, 1:].amax(1).mean())
    if named.sum() > 0:
        log["iou_text"] = float((iou[clicks:, 0] * named).sum() / named.sum())
    return log
