"""One training step as a module, so that any launcher (one device, DDP) can wrap it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts
from biprompt.training.compact.losses import best_reading, cell_iou, mask_loss
from biprompt.training.compact.rounds import Session, inner_point, place

ROUNDS = np.array([0.45, 0.17, 0.11, 0.08, 0.06, 0.05, 0.04, 0.04])
"""Chance of so many corrective clicks before the one that is learnt from."""


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
        self, batch: dict[str, Tensor], rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, float]]:
        """Loss and what to log; the arrays of ``batch`` are those of ``samples.collate``."""
        image = batch["image"].float() / 127.5 - 1.0
        features = self.model.encode(image.contiguous(memory_format=torch.channels_last))
        text, words = self._ground(features, batch, rng)
        clicks = self._clicks(features, batch, rng)
        spoken = (self._spoken(batch, text, rng), text)
        return self._decode(features, batch, clicks, spoken, words)

    def _ground(
        self, features: Features, batch: dict[str, Tensor], rng: np.random.Generator
    ) -> tuple[TextPrompts, dict[str, Tensor]]:
        """All phrases: presence and prior losses; the prompts of each image's first phrases."""
        b, t = batch["said"].shape
        index = torch.arange(b, device=batch["said"].device).repeat_interleave(t)
        text, presence = self.model.ground(
            features.gather(index), self._noisy(batch["words"].flatten(0, 1), rng),
            batch["lengths"].flatten(),
        )  # fmt: skip
        said, there = batch["said"].flatten(), batch["presence"].flatten()
        meant = F.avg_pool2d(batch["meant"].flatten(0, 1)[:, None].float() / 16.0, 4)
        total = said.sum().clamp(min=1.0)
        seen = F.binary_cross_entropy_with_logits(presence.float(), there, reduction="none")
        where = F.binary_cross_entropy_with_logits(text.prior, meant, reduction="none")
        overlap = _soft_dice(torch.sigmoid(text.prior), meant) * there
        losses = {
            "presence": (seen * said).sum() / total,
            "prior": ((where.mean((1, 2, 3)) + 0.5 * overlap) * said).sum() / total,
        }
        first = torch.arange(b * t, device=index.device).reshape(b, t)[:, : self.spoken].flatten()
        return TextPrompts(*(value[first] for value in text)), losses

    def _noisy(self, words: Tensor, rng: np.random.Generator) -> Tensor:
        """Word vectors a little off, so that neighbours of a trained word are understood too."""
        if not self.word_noise:
            return words
        noise = rng.normal(0.0, self.word_noise, tuple(words.shape)).astype(np.float32)
        noise *= rng.random((len(words), 1, 1)) < 0.5
        return words + torch.from_numpy(noise).to(words.device) * (words != 0)

    def _clicks(
        self, features: Features, batch: dict[str, Tensor], rng: np.random.Generator
    ) -> Session:
        """Plays some rounds without history, so that the last one starts from real mistakes."""
        b, k = batch["targets"].shape[:2]
        hard = (batch["targets"].flatten(0, 1) > 8).cpu().numpy()
        hard[~hard.any((1, 2))] = True  # never seen in practice; keeps the simulator defined
        session = Session.start(hard, rng)
        rounds = int(rng.choice(len(ROUNDS), p=ROUNDS / ROUNDS.sum()))
        if not rounds:
            return session
        index = torch.arange(b, device=features.p4.device).repeat_interleave(k)
        with torch.no_grad():
            still = features.detach().gather(index)
            none = _no_text(self.model, still)
            for _ in range(rounds):
                logits, quality = self.model.decode(still, session.prompts(index.device), none)
                row = quality.argmax(1) if rng.random() < 0.3 else quality.new_zeros(b * k).long()
                session = session.correct(logits[torch.arange(b * k), row], rng)
        return session

    def _spoken(
        self, batch: dict[str, Tensor], text: TextPrompts, rng: np.random.Generator
    ) -> SpatialPrompts:
        """What goes with each decoded phrase: nothing, or a click inside what it means."""
        meant = (batch["meant"][:, : self.spoken].flatten(0, 1) > 8).cpu().numpy()
        b = len(meant)
        xy = np.zeros((b, 1, 2), np.float32)
        labels = np.full((b, 1), -1, np.float32)
        for i in range(b):
            if meant[i].any() and rng.random() < 0.35:
                xy[i, 0], labels[i, 0] = place(inner_point(meant[i], rng, 0.4), rng), 1.0
        device = text.query.device
        nothing = SpatialPrompts.nothing(b, (meant.shape[1], meant.shape[2]), device)
        return nothing._replace(
            xy=torch.from_numpy(xy).to(device), labels=torch.from_numpy(labels).to(device)
        )

    def _decode(
        self, features: Features, batch: dict[str, Tensor], session: Session,
        spoken: tuple[SpatialPrompts, TextPrompts], losses: dict[str, Tensor],
    ) -> tuple[Tensor, dict[str, float]]:  # fmt: skip
        """The decoder call that is learnt from: clicks first, then one phrase for each image."""
        (b, k), spoken_each = batch["targets"].shape[:2], self.spoken
        device = features.p4.device
        image = torch.arange(b, device=device)
        index = (image.repeat_interleave(k), image.repeat_interleave(spoken_each))
        each = features.gather(torch.cat(index))
        silent = _no_text(self.model, Features(*(level[: b * k] for level in each)))
        spatial = _stack_spatial(session.prompts(device), spoken[0])
        text = TextPrompts(*(torch.cat(pair) for pair in zip(silent, spoken[1], strict=True)))
        logits, quality = self.model.decode(each, spatial, text)
        first = {name: batch[name][:, :spoken_each].flatten(0, 1) for name in
                 ("meant", "said", "presence")}  # fmt: skip
        target = torch.cat((batch["targets"].flatten(0, 1), first["meant"])).float() / 16.0
        wanted = target[:, None].expand_as(logits)
        per_mask = mask_loss(logits, wanted)
        iou = cell_iou(logits, wanted)
        judged = F.binary_cross_entropy_with_logits(quality, iou, reduction="none").mean(1)
        said, there = first["said"], first["presence"]
        named = best_reading(per_mask[b * k :]) * there
        empty = F.binary_cross_entropy_with_logits(
            logits[b * k :, 0], torch.zeros_like(logits[b * k :, 0]), reduction="none"
        ).mean((1, 2)) * (1.0 - there)
        losses |= {
            "clicks": best_reading(per_mask[: b * k]).mean(),
            "phrases": ((named + empty) * said).mean(),
            "quality": judged[: b * k].mean() + (judged[b * k :] * said * there).mean(),
        }
        return _total(losses), _report(losses, iou, b * k, session, said * there)


WEIGHTS = {"clicks": 1.0, "phrases": 0.6, "quality": 0.5, "presence": 0.4, "prior": 0.6}


def _total(losses: dict[str, Tensor]) -> Tensor:
    return torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()


def _report(
    losses: dict[str, Tensor], iou: Tensor, clicks: int, session: Session, named: Tensor
) -> dict[str, float]:
    """Losses, and IoU of the first mask and of the best reading, by kind of step."""
    log = {name: float(value.detach()) for name, value in losses.items()}
    kind = "first" if session.has_mask.mean() < 0.9 else "later"
    log[f"iou_{kind}"] = float(iou[:clicks, 0].mean())
    log[f"best_{kind}"] = float(iou[:clicks, 1:].amax(1).mean())
    if named.sum() > 0:
        log["iou_text"] = float((iou[clicks:, 0] * named).sum() / named.sum())
    return log


def _stack_spatial(a: SpatialPrompts, b: SpatialPrompts) -> SpatialPrompts:
    """Both sets of prompts in one, with points padded to the longer row."""
    count = max(a.xy.shape[1], b.xy.shape[1])
    a, b = (_padded(prompts, count) for prompts in (a, b))
    return SpatialPrompts(*(torch.cat(pair) for pair in zip(a, b, strict=True)))


def _padded(prompts: SpatialPrompts, count: int) -> SpatialPrompts:
    extra = count - prompts.xy.shape[1]
    return prompts._replace(
        xy=F.pad(prompts.xy, (0, 0, 0, extra)),
        labels=F.pad(prompts.labels, (0, extra), value=-1.0),
    )


def _soft_dice(p: Tensor, target: Tensor) -> Tensor:
    both = 2.0 * (p * target).sum((1, 2, 3)) + 0.1
    return 1.0 - both / (p.sum((1, 2, 3)) + target.sum((1, 2, 3)) + 0.1)


def _no_text(model: CompactModel, features: Features) -> TextPrompts:
    p16 = features.p16
    hw = (p16.shape[2], p16.shape[3])
    return TextPrompts.nothing(p16.shape[0], model.config.text_dim, hw, p16.device)
