"""The click protocol as one would write it down: whole images, distance transforms, plain loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from scipy.ndimage import distance_transform_edt

Mask: TypeAlias = Any
Answers: TypeAlias = Callable[[int], Mask]
"""Takes how many clicks were given; returns the (H, W) bool answer."""


def next_click(truth: Mask, answer: Mask, clicked: list[tuple[int, int]]) -> Any:
    """Return (row, column, label) of the deepest pixel of the larger error, None where none is."""
    depths = []
    for error in (truth & ~answer, ~truth & answer):
        depth = distance_transform_edt(np.pad(error, 1))[1:-1, 1:-1]
        for row, column in clicked:
            depth[row, column] = 0
        depths.append(depth)
    missing, surplus = depths
    if max(missing.max(), surplus.max()) == 0:
        return None
    label = int(missing.max() > surplus.max())
    row, column = np.unravel_index(np.argmax(missing if label else surplus), truth.shape)
    return int(row), int(column), label


def iou(truth: Mask, answer: Mask) -> float:
    """Return the intersection over the union."""
    union = np.logical_or(truth, answer).sum()
    return float(np.logical_and(truth, answer).sum() / union) if union else 1.0


def click(truth: Mask, answers: Answers, clicks: int) -> tuple[list[Any], list[float]]:
    """Click on an object; return the clicks and the IoU after each."""
    given: list[Any] = []
    ious: list[float] = []
    answer = np.zeros_like(truth)
    while len(given) < clicks:
        found = next_click(truth, answer, [(row, column) for row, column, _ in given])
        if found is None:
            break
        given.append(found)
        answer = answers(len(given))
        ious.append(iou(truth, answer))
    return given, ious


def numbers(masks: list[tuple[Mask, Mask]]) -> dict[str, float]:
    """Return cIoU, gIoU and the shares with an IoU of 0.5 to 0.9 or more of (truth, answer)."""
    intersection = union = 0
    reached = dict.fromkeys((50, 60, 70, 80, 90), 0)
    ious = []
    for truth, answer in masks:
        intersection += int(np.logical_and(truth, answer).sum())
        union += int(np.logical_or(truth, answer).sum())
        ious.append(iou(truth, answer))
        for percent in reached:
            reached[percent] += iou(truth, answer) >= percent / 100
    shares = {f"P@{percent}": count / len(ious) for percent, count in reached.items()}
    return {"cIoU": intersection / union, "gIoU": sum(ious) / len(ious)} | shares
