"""Robust and frame scores beside pixels counted by the rules of the papers' own code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from biprompt.metrics import (
    FrameSums,
    Overlap,
    RobustSums,
    frame_sums,
    merged,
    overlap,
    robust_sums,
)

Masks = list[tuple[Any, Any]]


def test_robust_by_hand() -> None:
    # 3 of 6 pixels, then 10 pixels for a sentence that means nothing and a refusal of another
    one = [Overlap(3, 4, 5), Overlap(0, 10, 0), Overlap(0, 0, 0)]
    two = [Overlap(0, 0, 0)]
    three = [Overlap(2, 2, 2)]
    found = robust_sums([one, two, three])
    assert found.mrr == (0.5 + 1) / 2  # the third has no sentence that means nothing
    assert found.miou == (3 / 6 + 1) / 2  # the second none that means something
    assert found.riou == pytest.approx((3 / 16 + 1 + 1) / 3)


def test_frames_by_hand() -> None:
    frames = [
        {"a": Overlap(1, 2, 1), "b": Overlap(0, 5, 0), "c": Overlap(0, 0, 0)},
        {"a": Overlap(0, 0, 4), "b": Overlap(2, 2, 2)},
        {"a": Overlap(0, 3, 0)},
        {"a": Overlap(0, 0, 0)},
    ]
    found = frame_sums(frames)
    assert found.ch_iou == (0.5 + 0.5) / 2  # nothing is there in the last two
    assert found.isi_iou == pytest.approx((0.25 + 0.5 + 0) / 3)  # nor seen in the last
    assert found.mc_iou == pytest.approx((np.mean([0.5, 0, 0]) + np.mean([0, 1])) / 2)


def test_nothing_is_not_a_number() -> None:
    robust, frames = robust_sums([]), frame_sums([])
    numbers = (robust.mrr, robust.miou, robust.riou, frames.ch_iou, frames.isi_iou, frames.mc_iou)
    assert all(math.isnan(number) for number in numbers)


def random_masks(rng: np.random.Generator) -> list[Masks]:
    """Some references, each pairs of truth and prediction; any of them may be empty."""

    def drawn() -> Any:
        return (rng.random((5, 6)) < 0.5) * (rng.random() < 0.6)

    return [[(drawn(), drawn()) for _ in range(rng.integers(1, 5))] for _ in range(9)]


def counted(references: list[Masks]) -> list[list[Overlap]]:
    return [[overlap(p > 0, t > 0) for t, p in pairs] for pairs in references]


@pytest.mark.parametrize("seed", range(10))
def test_robust_equals_counting_pixels(seed: int) -> None:
    references = random_masks(np.random.default_rng(seed))
    mrr, miou, riou = [], [], []
    for pairs in references:
        hits = sum(int((t * p).sum()) for t, p in pairs)
        unions = sum(int(((t + p) > 0).sum()) for t, p in pairs)
        refusals = [p.sum() == 0 for t, p in pairs if t.sum() == 0]
        ious = [(t * p).sum() / ((t + p) > 0).sum() for t, p in pairs if t.sum() > 0]
        mrr += [np.mean(refusals)] if refusals else []
        miou += [np.mean(ious)] if ious else []
        riou.append(hits / unions if unions else 1.0)
    found = robust_sums(counted(references))
    assert found.mrr == pytest.approx(np.mean(mrr), abs=1e-12)
    assert found.miou == pytest.approx(np.mean(miou), abs=1e-12)
    assert found.riou == pytest.approx(np.mean(riou), abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_frames_equal_label_maps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truths, predictions = (
        [rng.integers(0, 4, (4, 4)) * (rng.random() < 0.7) for _ in range(8)] for _ in range(2)
    )
    challenge, isi, classes = [], [], {1: [], 2: [], 3: []}
    for truth, prediction in zip(truths, predictions, strict=True):
        frame, there = [], []
        for number in classes:
            union = ((truth == number) | (prediction == number)).sum()
            if union:
                iou = ((truth == number) & (prediction == number)).sum() / union
                frame.append(iou)
                classes[number].append(iou)
                there += [iou] if (truth == number).any() else []
        challenge += [np.mean(there)] if there else []
        isi += [np.mean(frame)] if frame else []
    found = frame_sums(
        {str(n): overlap(p == n, t == n) for n in classes}
        for t, p in zip(truths, predictions, strict=True)
    )
    assert found.ch_iou == pytest.approx(np.mean(challenge), abs=1e-12)
    assert found.isi_iou == pytest.approx(np.mean(isi), abs=1e-12)
    known = [np.mean(ious) for ious in classes.values() if ious]
    assert found.mc_iou == pytest.approx(np.mean(known), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_to_the_whole(seed: int) -> None:
    references = counted(random_masks(np.random.default_rng(seed)))
    frames = [{str(n): each for n, each in enumerate(row)} for row in references]
    parts = [robust_sums(references[i::3]) for i in (2, 0, 1)]
    assert merged(parts, RobustSums()) == robust_sums(references)
    assert merged([frame_sums(frames[i::3]) for i in (1, 2, 0)], FrameSums()) == frame_sums(frames)
