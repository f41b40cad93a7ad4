from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.evaluation.biprompt.choosing import Offered
from biprompt.evaluation.biprompt.weights import IOU_ONLY, joint_winners, simplex, weights_name
from biprompt.results import Candidate
from biprompt.selection import Policy, select

SOURCES = ("point", "point", "point", "joint", "text@click")


def test_the_grid_is_the_simplex() -> None:
    grid = simplex(0.25)
    assert len(grid) == len(set(grid)) == 15 and grid[0] == IOU_ONLY
    assert all(sum(weights) == 1 and min(weights) >= 0 for weights in grid)
    assert (0.25, 0.25, 0.5) in grid and (0.0, 0.5, 0.5) in grid
    assert simplex(1) == ((0, 0, 1), (0, 1, 0), (1, 0, 0))
    assert len(simplex(0.05)) == 21 * 22 / 2
    assert weights_name((0, 1 / 3, 2 / 3)) == "0, 0.333, 0.667"


@pytest.mark.parametrize("step", [0, -0.5, 0.3, 2, 0.01, float("nan")])
def test_other_steps_are_refused(step: float) -> None:
    with pytest.raises(InputError, match="step of the weights: expected 1 divided by"):
        simplex(step)


def random_offer(rng: np.random.Generator) -> Offered:
    """Blocks of a small image, with ties, empty ones and words that say nothing."""
    count = int(rng.integers(0, 6))
    masks = rng.random((count, 4, 5)) < rng.choice([0.0, 0.4, 0.7], (count, 1, 1))
    scores = rng.choice([0.2, 0.5, 0.5, 0.9], count)
    candidates = tuple(
        Candidate(SOURCES[i], i, float(scores[i]), None, masks[i]) for i in range(count)
    )
    understood = rng.choice([True, False, None])
    words = None
    if understood is not False and (understood or rng.random() < 0.7):
        words = rng.random((4, 5)) < rng.choice([0.0, 0.3, 0.6])
    presence = None if words is None else rng.choice([None, 0.1, 0.9])
    return Offered(candidates, words, presence, understood, (4, 5))


@pytest.mark.parametrize("seed", range(300))
def test_the_grid_takes_what_the_gate_takes_under_each_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offered, policy = random_offer(rng), Policy(metric="dice" if seed % 3 == 0 else "iou")
    masks = [each.mask for each in offered.candidates]
    grid = simplex(0.25)
    brute_force = [
        select(
            np.stack(masks) if masks else np.zeros((0, 4, 5), bool),
            [each.score for each in offered.candidates],
            [each.source for each in offered.candidates],
            text_mask=offered.text_mask,
            presence=offered.presence,
            text_understood=offered.understood,
            policy=replace(policy, weights=weights),
        )
        for weights in grid
    ]
    winners = joint_winners(offered, policy, grid)
    assert winners == [choice.winner for choice in brute_force]
    for winner, choice in zip(winners, brute_force, strict=True):
        np.testing.assert_array_equal(offered.mask(winner), choice.mask)


def test_random_offers_are_of_every_kind() -> None:
    offers = [random_offer(np.random.default_rng(seed)) for seed in range(300)]
    policy, grid = Policy(), simplex(0.25)
    verdicts = {each.choose(policy, IOU_ONLY).verdict.value for each in offers}
    assert verdicts == {"found", "absent", "disagree"}
    moved = [len(set(joint_winners(each, policy, grid))) > 1 for each in offers]
    assert 20 < sum(moved) < 280
