"""The simulated user: first prompts and corrective clicks, on cells of 4x4 pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from biprompt.models.compact import SpatialPrompts

STRIDE = 4


def inner_point(mask: NDArray[np.bool_], rng: np.random.Generator, depth: float) -> tuple[int, int]:
    """A cell ``(row, column)`` of the mask, at least ``depth`` of its greatest depth inside."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    top, left = int(ys[0]), int(xs[0])
    part = np.pad(mask[top : ys[-1] + 1, left : xs[-1] + 1], 1)
    inside = ndimage.distance_transform_edt(part)[1:-1, 1:-1]
    rows, columns = np.nonzero(inside >= max(depth * inside.max(), 1e-6))
    pick = int(rng.integers(len(rows)))
    return top + int(rows[pick]), left + int(columns[pick])


def _depth(mask: NDArray[np.bool_]) -> float:
    if not mask.any():
        return 0.0
    return float(ndimage.distance_transform_edt(np.pad(mask, 1)).max())


@dataclass
class Session:
    """The clicks, boxes and masks given so far for ``P`` targets.

    Grows by one click per :meth:`correct`. Everything is in model pixels.
    """

    targets: NDArray[np.bool_]
    xy: NDArray[np.float32]
    labels: NDArray[np.float32]
    box: NDArray[np.float32]
    has_box: NDArray[np.float32]
    mask: Tensor
    has_mask: Tensor

    @classmethod
    def start(cls, targets: NDArray[np.bool_], rng: np.random.Generator) -> Session:
        """First prompts: mostly one click; sometimes a box, a scribble or a rough mask."""
        count, h, w = targets.shape
        xy = np.zeros((count, 6, 2), np.float32)
        labels = np.full((count, 6), -1, np.float32)
        box = np.zeros((count, 4), np.float32)
        has_box = np.zeros(count, np.float32)
        mask = np.zeros((count, h, w), np.float32)
        has_mask = np.zeros(count, np.float32)
        for i, target in enumerate(targets):
            kind = rng.random()
            if kind < 0.10:
                box[i], has_box[i] = _loose_box(target, rng), 1.0
            elif kind < 0.17:
                rough = _rough(target, rng)
                mask[i], has_mask[i] = rough, float(rough.any())
            points = 0 if (has_box[i] or has_mask[i]) and rng.random() < 0.6 else 1
            if kind > 0.93:
                points = int(rng.integers(3, 7))
            for j in range(points):
                depth = 0.9 if rng.random() < 0.5 else float(rng.uniform(0.1, 0.6))
                xy[i, j], labels[i, j] = place(inner_point(target, rng, depth), rng), 1.0
        used = max(1, int((labels >= 0).sum(1).max()))
        return cls(targets, xy[:, :used], labels[:, :used], box, has_box,
                   torch.from_numpy(mask)[:, None], torch.from_numpy(has_mask))  # fmt: skip

    def prompts(self, device: torch.device) -> SpatialPrompts:
        """As the decoder takes them."""
        arrays = (self.xy, self.labels, self.box, self.has_box)
        xy, labels, box, has_box = (torch.from_numpy(a).to(device) for a in arrays)
        return SpatialPrompts(
            xy, labels, box, has_box, self.mask.to(device), self.has_mask.to(device)
        )

    def correct(self, logits: Tensor, rng: np.random.Generator) -> Session:
        """One more click on the larger error of ``logits`` ``(P, h, w)``, which become the mask."""
        soft = torch.sigmoid(logits).float().cpu()
        wrong = (soft > 0.5).numpy()
        count = len(self.targets)
        xy = np.zeros((count, 1, 2), np.float32)
        labels = np.full((count, 1), -1, np.float32)
        for i, (target, guess) in enumerate(zip(self.targets, wrong, strict=True)):
            missing, extra = target & ~guess, guess & ~target
            deep = (_depth(missing), _depth(extra))
            if max(deep) == 0.0:
                continue
            error, label = (missing, 1.0) if deep[0] >= deep[1] else (extra, 0.0)
            depth = 0.95 if rng.random() < 0.5 else 0.5
            xy[i, 0], labels[i, 0] = place(inner_point(error, rng, depth), rng), label
        mask = (soft > 0.5).float() if rng.random() < 0.5 else soft
        return Session(
            self.targets, np.concatenate((self.xy, xy), 1), np.concatenate((self.labels, labels), 1),
            self.box, self.has_box, mask[:, None], torch.ones(count),
        )  # fmt: skip


def place(cell: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """A point in the cell, model pixels ``(x, y)``."""
    return (np.array([cell[1], cell[0]]) + rng.uniform(0.1, 0.9, 2)) * STRIDE


def _loose_box(target: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.float64]:
    """The target's box, drawn as loosely as people draw."""
    ys, xs = np.flatnonzero(target.any(1)), np.flatnonzero(target.any(0))
    box = np.array([xs[0], ys[0], xs[-1] + 1, ys[-1] + 1], float) * STRIDE
    side = np.tile(box[2:] - box[:2], 2)
    limit = np.array([target.shape[1], target.shape[0]] * 2) * STRIDE
    return np.clip(box + rng.normal(0, 0.04, 4) * side, 0, limit)


def _rough(target: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """The target as somebody would sketch it: shifted, grown or shrunk, or with a part missing."""
    shift = rng.integers(-3, 4, 2)
    rough = np.roll(target, shift, (0, 1))
    steps = int(rng.integers(1, 4))
    how = rng.random()
    if how < 0.4:
        return np.asarray(ndimage.binary_dilation(rough, iterations=steps), np.bool_)
    if how < 0.7:
        return np.asarray(ndimage.binary_erosion(rough, iterations=steps), np.bool_)
    row, column = inner_point(target, rng, 0.1)
    h, w = (max(2, int(rng.uniform(0.1, 0.4) * n)) for n in target.shape)
    rough = target.copy()
    rough[max(0, row - h // 2) : row + h // 2, max(0, column - w // 2) : column + w // 2] = False
    return rough
