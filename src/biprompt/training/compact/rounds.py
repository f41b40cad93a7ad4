"""The simulated user: first prompts and corrective clicks, on cells of 4x4 pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.models.compact import SpatialPrompts
from biprompt.training.compact.sketches import (
    Cells,
    greatest_depth,
    loose_box,
    point_in,
    rough_mask,
)

MOST_FIRST = 6
"""Most points of a first prompt (a scribble)."""
BOX, MASK, SCRIBBLE = 0.10, 0.07, 0.07
"""Chances of a first prompt that is not one click."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """The clicks, boxes and masks given so far for ``P`` targets.

    Grows by one click per :meth:`correct`. Points and boxes are in model pixels.
    """

    targets: Cells
    """``(P, h, w)`` bool, none of them empty."""
    xy: NDArray[np.float32]
    """``(P, N, 2)``."""
    labels: NDArray[np.float32]
    """``(P, N)``: 1 adds, 0 removes, -1 is padding."""
    box: NDArray[np.float32]
    """``(P, 4)`` xyxy."""
    has_box: NDArray[np.float32]
    mask: Tensor
    """``(P, 1, h, w)`` float in [0, 1], on the CPU."""
    has_mask: Tensor

    @classmethod
    def empty(cls, targets: Cells, points: int = 0) -> Session:
        """Nothing is given yet; there is room for so many points."""
        count, h, w = targets.shape
        return cls(
            targets,
            np.zeros((count, points, 2), np.float32),
            np.full((count, points), -1, np.float32),
            np.zeros((count, 4), np.float32),
            np.zeros(count, np.float32),
            torch.zeros(count, 1, h, w),
            torch.zeros(count),
        )

    @classmethod
    def start(cls, targets: Cells, rng: np.random.Generator) -> Session:
        """First prompts: mostly one click; sometimes a box, a scribble or a rough mask."""
        session = cls.empty(targets, MOST_FIRST)
        for i in range(len(targets)):
            session._begin(i, rng)
        used = max(1, int((session.labels >= 0).sum(1).max(initial=0)))
        return replace(session, xy=session.xy[:, :used], labels=session.labels[:, :used])

    @classmethod
    def first_click(cls, targets: Cells) -> Session:
        """One click in the deepest cell of each target, the same every time."""
        session, rng = cls.empty(targets, 1), np.random.default_rng(0)
        for i, target in enumerate(targets):
            session.xy[i, 0], session.labels[i, 0] = point_in(target, rng, 1.0), 1.0
        return session

    def _begin(self, i: int, rng: np.random.Generator) -> None:
        """Draws the first prompt of one target into the arrays, which nobody else holds yet."""
        target, kind = self.targets[i], rng.random()
        if kind < BOX:
            self.box[i], self.has_box[i] = loose_box(target, rng), 1.0
        elif kind < BOX + MASK:
            rough = rough_mask(target, rng)
            self.mask[i, 0], self.has_mask[i] = torch.from_numpy(rough), float(rough.any())
        drawn = bool(self.has_box[i] or self.has_mask[i])
        points = 0 if drawn and rng.random() < 0.6 else 1
        if kind > 1.0 - SCRIBBLE:
            points = int(rng.integers(3, MOST_FIRST + 1))
        for j in range(points):
            depth = 0.9 if rng.random() < 0.5 else float(rng.uniform(0.1, 0.6))
            self.xy[i, j], self.labels[i, j] = point_in(target, rng, depth), 1.0

    def prompts(self, device: torch.device) -> SpatialPrompts:
        """As the decoder takes them."""
        arrays = (self.xy, self.labels, self.box, self.has_box)
        xy, labels, box, has_box = (torch.from_numpy(a).to(device) for a in arrays)
        return SpatialPrompts(
            xy, labels, box, has_box, self.mask.to(device), self.has_mask.to(device)
        )

    def correct(self, logits: Tensor, rng: np.random.Generator) -> Session:
        """One more click on the larger error of ``logits`` ``(P, h, w)``, which become the mask.

        A target without an error gets no click.
        """
        soft = torch.sigmoid(logits).float().cpu()
        guesses = (soft > 0.5).numpy()
        count = len(self.targets)
        xy = np.zeros((count, 1, 2), np.float32)
        labels = np.full((count, 1), -1, np.float32)
        for i, (target, guess) in enumerate(zip(self.targets, guesses, strict=True)):
            error, label = larger_error(target, guess)
            if error.any():
                depth = 0.95 if rng.random() < 0.5 else 0.5
                xy[i, 0], labels[i, 0] = point_in(error, rng, depth), label
        mask = (soft > 0.5).float() if rng.random() < 0.5 else soft
        return replace(
            self,
            xy=np.concatenate((self.xy, xy), 1),
            labels=np.concatenate((self.labels, labels), 1),
            mask=mask[:, None],
            has_mask=torch.ones(count),
        )


def larger_error(target: Cells, guess: Cells) -> tuple[Cells, float]:
    """The deeper of what is missing (label 1) and what is too much (label 0)."""
    missing, extra = target & ~guess, guess & ~target
    if greatest_depth(missing) >= greatest_depth(extra):
        return missing, 1.0
    return extra, 0.0
