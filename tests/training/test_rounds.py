"""The simulated user: where first prompts and corrections fall."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from biprompt.training.compact.rounds import MOST_FIRST, Session, larger_error
from biprompt.training.compact.sketches import (
    STRIDE,
    greatest_depth,
    inner_cell,
    loose_box,
    point_in,
    rough_mask,
)

HW = (16, 20)
BIG = np.zeros(HW, bool)
BIG[3:13, 4:16] = True
SMALL = np.zeros(HW, bool)
SMALL[1:4, 1:4] = True


def cell_of(xy: np.ndarray) -> tuple[int, int]:
    return int(xy[1] // STRIDE), int(xy[0] // STRIDE)


def logits_of(*masks: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.where(np.stack(masks), 5.0, -5.0)).float()


@pytest.mark.parametrize("seed", range(20))
def test_points_lie_in_the_target_as_deep_as_asked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert BIG[inner_cell(BIG, rng, 0.0)]
    assert BIG[cell_of(point_in(BIG, rng, 0.5))]
    row, column = inner_cell(BIG, rng, 1.0)
    assert row in (7, 8) and 8 <= column <= 11


def test_depth_counts_the_border_as_outside() -> None:
    assert greatest_depth(np.ones((5, 5), bool)) == 3.0
    assert greatest_depth(np.zeros((5, 5), bool)) == 0.0
    assert inner_cell(np.ones((5, 5), bool), np.random.default_rng(0), 1.0) == (2, 2)


@pytest.mark.parametrize("seed", range(30))
def test_first_prompts_fit_their_targets(seed: int) -> None:
    targets = np.stack((BIG, SMALL, BIG))
    session = Session.start(targets, np.random.default_rng(seed))
    count = session.xy.shape[1]
    assert session.xy.shape == (3, count, 2) and 1 <= count <= MOST_FIRST
    assert session.labels.shape == (3, count) and set(session.labels.ravel()) <= {1.0, -1.0}
    for i, target in enumerate(targets):
        given = session.labels[i] == 1
        assert all(target[cell_of(xy)] for xy in session.xy[i][given])
        assert given.any() or session.has_box[i] or session.has_mask[i]
        if session.has_box[i]:
            x0, y0, x1, y1 = session.box[i] / STRIDE
            assert 0 <= x0 < x1 <= HW[1] and 0 <= y0 < y1 <= HW[0]
        else:
            assert not session.box[i].any()
        assert bool(session.mask[i].any()) == bool(session.has_mask[i])
    prompts = session.prompts(torch.device("cpu"))
    assert prompts.mask.shape == (3, 1, *HW) and prompts.xy.dtype == torch.float32


def test_all_kinds_of_first_prompts_occur() -> None:
    rng = np.random.default_rng(0)
    sessions = [Session.start(BIG[None], rng) for _ in range(300)]
    boxes = np.mean([s.has_box[0] for s in sessions])
    masks = np.mean([float(s.has_mask[0]) for s in sessions])
    scribbles = np.mean([(s.labels[0] == 1).sum() >= 3 for s in sessions])
    assert 0.05 < boxes < 0.16 and 0.03 < masks < 0.12 and 0.03 < scribbles < 0.12


def test_the_first_click_of_a_measurement_is_the_deepest_and_always_the_same() -> None:
    one, two = (Session.first_click(np.stack((BIG, SMALL))) for _ in range(2))
    assert np.array_equal(one.xy, two.xy) and one.labels.tolist() == [[1.0], [1.0]]
    assert cell_of(one.xy[1, 0]) == (2, 2)
    assert not one.has_mask.any() and not one.has_box.any()


def test_larger_error() -> None:
    missing, label = larger_error(BIG, np.zeros(HW, bool))
    assert label == 1.0 and np.array_equal(missing, BIG)
    extra, label = larger_error(SMALL, SMALL | BIG)
    assert label == 0.0 and np.array_equal(extra, BIG & ~SMALL)
    # A long thin error is smaller than a compact one of fewer cells.
    guess = BIG.copy()
    guess[2, 4:16], guess[5:8, 5:8] = True, False
    error, label = larger_error(BIG, guess)
    assert label == 1.0 and error.sum() == 9


@pytest.mark.parametrize("seed", range(20))
def test_a_correction_clicks_on_the_larger_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    both = BIG | SMALL
    session = Session.start(np.stack((BIG, SMALL, BIG)), rng)
    before = session.xy.shape[1]
    after = session.correct(logits_of(np.zeros(HW, bool), both, BIG), rng)
    assert after.xy.shape[1] == before + 1
    assert after.labels[:, -1].tolist() == [1.0, 0.0, -1.0]  # the last one has no error
    assert BIG[cell_of(after.xy[0, -1])]
    assert (BIG & ~SMALL)[cell_of(after.xy[1, -1])]
    assert after.has_mask.tolist() == [1.0, 1.0, 1.0]
    assert np.array_equal(after.mask[:, 0].numpy() > 0.5, np.stack((BIG & False, both, BIG)))
    assert session.xy.shape[1] == before  # the earlier session is as it was


@pytest.mark.parametrize("seed", range(20))
def test_drawings_stay_near_the_target(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rough = rough_mask(BIG, rng)
    assert rough.shape == HW and rough.dtype == bool
    near = np.zeros(HW, bool)
    near[max(0, 3 - 6) : 13 + 6, max(0, 4 - 6) : 16 + 6] = True
    assert not (rough & ~near).any()
    x0, y0, x1, y1 = loose_box(BIG, rng) / STRIDE
    assert abs(x0 - 4) < 3 and abs(x1 - 16) < 3 and abs(y0 - 3) < 3 and abs(y1 - 13) < 3


def test_a_rough_mask_does_not_come_out_on_the_other_side() -> None:
    edge = np.zeros(HW, bool)
    edge[:, :3] = True
    drawn = [rough_mask(edge, np.random.default_rng(seed)) for seed in range(60)]
    assert not any(mask[:, 12:].any() for mask in drawn)
