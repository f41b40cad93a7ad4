"""What the decoder is asked in one training step: clicks, phrases, and both together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from biprompt.models.compact import CompactModel, Features, SpatialPrompts, TextPrompts
from biprompt.training.compact.rounds import Session
from biprompt.training.compact.sketches import Cells, point_in

ROUNDS = np.array([0.45, 0.17, 0.11, 0.08, 0.06, 0.05, 0.04, 0.04])
"""Chance of so many corrective clicks before the one that is learnt from."""
OWN_PICK = 0.3
"""Chance that a round goes on from the mask that the model thinks best, not from the first."""
CLICKED_PHRASES = 0.5
"""Chance that a phrase comes with a click, which then means the one thing that is clicked."""

Batch = dict[str, Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """``P`` prompts of one decoder call: first the clicks, then the phrases."""

    image: Tensor
    """``(P,)`` int64: the image of each."""
    spatial: SpatialPrompts
    text: TextPrompts
    target: Tensor
    """``(P, h, w)`` in [0, 1]: covered part of each cell."""
    clicks: int
    """How many of them are clicks."""
    said: Tensor
    """Of the phrases ``(P - clicks,)``: 0 where there is none."""
    there: Tensor
    """... and whether what they name is in the image."""
    later: bool
    """Whether the clicks correct an earlier mask."""


def draw_rounds(rng: np.random.Generator) -> int:
    """How many corrective clicks come before the one that is learnt from."""
    return int(rng.choice(len(ROUNDS), p=ROUNDS / ROUNDS.sum()))


def ask(
    model: CompactModel,
    features: Features,
    batch: Batch,
    text: TextPrompts,
    rng: np.random.Generator,
    rounds: int,
) -> Question:
    """Simulates the user.

    Args:
        model: plays the rounds before the one that is learnt from.
        features: of the batch's ``B`` images.
        batch: arrays of ``samples.collate``.
        text: the first ``S`` phrases of each image, ``B * S`` of them.
        rng: source of chance.
        rounds: how many.
    """
    b, k = batch["targets"].shape[:2]
    spoken = len(text.query) // b
    device = features.p4.device
    images = torch.arange(b, device=device)
    named = ("meant", "one", "said", "presence")
    first = {name: batch[name][:, :spoken].flatten(0, 1) for name in named}
    session = play(model, features, batch["targets"], rng, rounds)
    silent = no_text(model, features, b * k)
    pointing = _with_words(first["one"], rng)
    clicked = (pointing.labels >= 0).any(1)[:, None, None]
    meant = torch.where(clicked, first["one"], first["meant"])
    target = torch.cat((batch["targets"].flatten(0, 1), meant)).float() / 16.0
    return Question(
        torch.cat((images.repeat_interleave(k), images.repeat_interleave(spoken))),
        _joined(session.prompts(device), pointing),
        TextPrompts(*(torch.cat(pair) for pair in zip(silent, text, strict=True))),
        target,
        b * k,
        first["said"],
        first["presence"],
        bool(session.has_mask.mean() >= 0.9),
    )


def play(
    model: CompactModel,
    features: Features,
    targets: Tensor,
    rng: np.random.Generator,
    rounds: int,
) -> Session:
    """Plays some rounds without history, so that the last one starts from real mistakes.

    Args:
        model: answers.
        features: of ``B`` images.
        targets: ``(B, K, h, w)`` covered sixteenths of each cell, none of them empty.
        rng: source of chance.
        rounds: how many corrective clicks.
    """
    b, k = targets.shape[:2]
    session = Session.start(solid(targets.flatten(0, 1).cpu().numpy()), rng)
    if not rounds:
        return session
    device = features.p4.device
    index = torch.arange(b, device=device).repeat_interleave(k)
    with torch.no_grad():
        still = features.detach().gather(index)
        none = no_text(model, features, b * k)
        for _ in range(rounds):
            logits, quality = model.decode(still, session.prompts(device), none)
            own = rng.random() < OWN_PICK
            row = quality.argmax(1) if own else torch.zeros_like(index)
            session = session.correct(logits[torch.arange(b * k, device=device), row], rng)
    return session


def solid(covered: NDArray[np.uint8]) -> Cells:
    """The cells that a target fills, ``(P, h, w)``: by more than half, or its fullest ones.

    A thing as thin as a wire fills no cell by half; it must be clicked all the same.
    """
    fullest = covered.max((1, 2), keepdims=True)
    return np.asarray(covered >= np.clip(fullest, 1, 9), np.bool_)


def _with_words(one: Tensor, rng: np.random.Generator) -> SpatialPrompts:
    """What goes with each phrase: nothing, or a click inside the one thing ``(P, h, w)``."""
    shown = (one > 8).cpu().numpy()
    count, h, w = shown.shape
    xy = np.zeros((count, 1, 2), np.float32)
    labels = np.full((count, 1), -1, np.float32)
    for i, mask in enumerate(shown):
        if mask.any() and rng.random() < CLICKED_PHRASES:
            xy[i, 0], labels[i, 0] = point_in(mask, rng, 0.4), 1.0
    nothing = SpatialPrompts.nothing(count, (h, w), one.device)
    return nothing._replace(
        xy=torch.from_numpy(xy).to(one.device), labels=torch.from_numpy(labels).to(one.device)
    )


def no_text(model: CompactModel, features: Features, count: int) -> TextPrompts:
    """``count`` prompts without words, for images of these features."""
    p16 = features.p16
    hw16 = (p16.shape[2], p16.shape[3])
    return TextPrompts.nothing(count, model.config.text_dim, hw16, p16.device)


def _joined(a: SpatialPrompts, b: SpatialPrompts) -> SpatialPrompts:
    """Both sets of prompts in one, with points padded to the longer row."""
    count = max(a.xy.shape[1], b.xy.shape[1])
    pairs = zip(_padded(a, count), _padded(b, count), strict=True)
    return SpatialPrompts(*(torch.cat(pair) for pair in pairs))


def _padded(prompts: SpatialPrompts, count: int) -> SpatialPrompts:
    extra = count - prompts.xy.shape[1]
    return prompts._replace(
        xy=F.pad(prompts.xy, (0, 0, 0, extra)),
        labels=F.pad(prompts.labels, (0, extra), value=-1.0),
    )
