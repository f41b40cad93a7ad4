"""What speaks for the refinement of a drawn mask, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.selection.keeping import NAMES, Keeper, refinement_evidence

H, W = 60, 80


def square(y: int, x: int, side: int = 24) -> np.ndarray:
    mask = np.zeros((H, W), bool)
    mask[y : y + side, x : x + side] = True
    return mask


def photograph() -> np.ndarray:
    """A white square on black: its edges are where the square at (18, 28) has its outline."""
    return np.where(square(18, 28)[..., None], 255, 0).astype(np.uint8).repeat(3, 2)


def spoken(drawn: np.ndarray, *masks: np.ndarray) -> dict[str, np.ndarray]:
    origins = [("mask", True), ("box", False)][: len(masks)]
    softs = [None] * len(masks)
    scores = [0.9, 0.6][: len(masks)]
    rows = refinement_evidence(np.stack(masks), scores, softs, origins, drawn, photograph())
    assert rows.shape == (len(masks), len(NAMES))
    return dict(zip(NAMES, rows.T, strict=True))


def test_outlines_on_edges_are_told_from_others() -> None:
    found = spoken(square(12, 20), square(18, 28), square(12, 20))
    assert found["on edges"][0] > 2 > found["on edges"][1]
    assert found["on edges, gained"][0] > 1 and found["on edges, gained"][1] == 0


def test_likeness_size_and_scores() -> None:
    found = spoken(square(18, 28), square(18, 28), square(18, 28, 12))
    assert found["like the drawing"].tolist() == [1.0, 0.25]
    assert found["size"] == pytest.approx([0, -np.log(4)])
    assert found["size, apart"] == pytest.approx([0, np.log(4)])
    assert found["agreement"].tolist() == [0.625, 0.625]
    assert found["score and like the drawing"] == pytest.approx([0.9, 0.15])
    assert found["best score"].tolist() == [0.9, 0.9]
    assert found["box alone"].tolist() == [0, 1] and found["clear"].tolist() == [1, 0]


def test_a_frayed_outline_is_longer() -> None:
    comb = square(18, 28)
    comb[18:42:2, 28:40] = False
    found = spoken(comb, square(18, 28))
    assert found["outline, gained"][0] < -3


def test_gain_is_linear_and_never_more_than_can_be() -> None:
    rows = np.zeros((3, len(NAMES)))
    rows[:, 0], rows[:, 3] = (0.5, 0.9, 1.0), (0.2, 0.3, -0.4)
    assert Keeper(np.eye(len(NAMES))[3]).gains(rows) == pytest.approx([0.2, 0.1, -0.4])
