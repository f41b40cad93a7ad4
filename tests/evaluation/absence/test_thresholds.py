"""Curve and thresholds beside loops over every pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from biprompt.evaluation.absence import AbsenceRun
from biprompt.evaluation.absence.thresholds import CURVE_POINTS, RULES, operating

Pairs = list[tuple[float, bool]]


def made_up(seed: int, photographs: int = 25, names: int = 12) -> list[AbsenceRun]:
    """Scores that tell something, with ties and some missing."""
    rng = np.random.default_rng(seed)
    runs = []
    for number in range(photographs):
        there = rng.random(names) < 0.25
        scores = np.round(np.clip(0.35 + 0.3 * there + rng.normal(0, 0.15, names), 0, 1), 2)
        known = [None if rng.random() < 0.05 else float(score) for score in scores]
        nothing = [False] * names
        pixels = [(0, 0, 0)] * names
        asked = [str(i) for i in range(names)]
        runs.append(
            AbsenceRun(f"{number:02}", asked, there.tolist(), known, nothing, nothing, pixels)
        )
    return runs


def pairs(runs: Sequence[AbsenceRun]) -> Pairs:
    return [
        (score, there)
        for run in runs
        for score, there in zip(run.presence, run.there, strict=True)
        if score is not None
    ]


def shares(found: Pairs, threshold: float) -> tuple[float, float]:
    """N-acc and T-acc by counting."""
    absent = [score < threshold for score, there in found if not there]
    present = [score >= threshold for score, there in found if there]
    return sum(absent) / len(absent), sum(present) / len(present)


def chosen(found: Pairs, rule: str) -> tuple[float, float]:
    """N-acc and T-acc of the threshold of a rule, by trying all."""
    tried = [shares(found, score) for score in sorted({score for score, _ in found})]
    if rule == "balanced":
        return max(tried, key=lambda both: both[0] + both[1])
    return [both for both in tried if both[1] >= float(rule)][-1]


@pytest.mark.parametrize("seed", range(8))
def test_area_equals_comparing_every_two(seed: int) -> None:
    runs = made_up(seed)
    found = pairs(runs)
    present = np.array([score for score, there in found if there])
    absent = np.array([score for score, there in found if not there])
    wins = (present[:, None] > absent).mean() + (present[:, None] == absent).mean() / 2
    area = operating(runs)["auroc"]
    assert area["mean"] == pytest.approx(wins, abs=1e-12)
    assert area["interval"][0] < area["mean"] < area["interval"][1]


@pytest.mark.parametrize("seed", range(8))
def test_thresholds_equal_trying_all(seed: int) -> None:
    runs = made_up(seed)
    for rule, each in operating(runs)["thresholds"].items():
        reached = (each["n_acc"]["mean"], each["t_acc"]["mean"])
        assert reached == pytest.approx(shares(pairs(runs), each["presence"]), abs=1e-12)
        if rule == "balanced":
            assert sum(reached) == pytest.approx(sum(chosen(pairs(runs), rule)))
        else:
            assert reached == pytest.approx(chosen(pairs(runs), rule))
            assert reached[1] >= float(rule)


def test_thresholds_rise_with_what_may_be_lost() -> None:
    found = operating(made_up(3))["thresholds"]
    kept = [found[rule]["presence"] for rule in RULES[:-1]]
    assert kept == sorted(kept) and set(found) == set(RULES)


@pytest.mark.parametrize("rule", RULES[:-1])
def test_elsewhere_equals_five_choices_by_hand(rule: str) -> None:
    runs = made_up(5)
    right: dict[bool, list[bool]] = {True: [], False: []}
    for fold in range(5):
        here = pairs([run for i, run in enumerate(runs) if i % 5 == fold])
        others = pairs([run for i, run in enumerate(runs) if i % 5 != fold])
        goal = chosen(others, rule)
        known = sorted({score for score, _ in others})
        place = max(i for i, score in enumerate(known) if shares(others, score) == goal)
        low, high = known[place - 1], known[place]  # any number in between decides the same there
        middle = next(n for d in range(1, 9) if low < (n := round((low + high) / 2, d)) <= high)
        for score, there in here:
            right[there].append((score >= middle) == there)
    found = operating(runs)["thresholds"][rule]["elsewhere"]
    assert found["n_acc"] == pytest.approx(np.mean(right[False]))
    assert found["t_acc"] == pytest.approx(np.mean(right[True]))


def test_intervals_draw_whole_photographs() -> None:
    """Ten copies of every question are no more photographs: the intervals stay."""
    runs = made_up(1)
    copied = [
        AbsenceRun(
            run.key,
            *(list(getattr(run, f)) * 10 for f in ("names", "there", "presence", "refused")),
            *(list(getattr(run, f)) * 10 for f in ("understood", "pixels")),
        )
        for run in runs
    ]
    one, ten = operating(runs)["auroc"], operating(copied)["auroc"]
    assert ten["interval"] == pytest.approx(one["interval"], abs=1e-9)


def test_the_curve_is_thinned_along_its_length() -> None:
    curve = np.array(operating(made_up(2, photographs=80))["curve"])
    assert 30 < len(curve) <= CURVE_POINTS
    thresholds, n_acc, t_acc = curve.T
    assert (np.diff(thresholds) > 0).all() and (np.diff(n_acc) >= 0).all()
    assert (np.diff(t_acc) <= 0).all() and (n_acc[0], t_acc[0]) == (0, 1)
    found = pairs(made_up(2, photographs=80))
    for threshold, n, t in curve[::7]:
        assert (n, t) == pytest.approx(shares(found, threshold))


@pytest.mark.parametrize("scores", [[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]])
def test_two_answers_are_enough(scores: Any) -> None:
    run = AbsenceRun(
        "a", ["x", "y"], [False, True], scores, [False] * 2, [True] * 2, [(0, 0, 0)] * 2
    )
    found = operating([run])
    assert found["auroc"]["mean"] == {0.5: 0.5, 0.0: 1.0, 1.0: 0.0}[scores[0]]
    assert found["thresholds"]["0.99"]["t_acc"]["mean"] == 1
    assert np.isnan(found["thresholds"]["0.99"]["elsewhere"]["n_acc"])
