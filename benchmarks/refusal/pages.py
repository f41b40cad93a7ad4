"""The page: operating points, curves over the threshold, and presence without a score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.refusal.asking import NAMES, SORTS, Asked
from benchmarks.refusal.estimating import Looked
from biprompt.evaluation.page.blocks import Block, Chart, Heading, Page, Series, Table, Text
from biprompt.metrics import auroc
from biprompt.presence.calibration import Logistic
from biprompt.presence.gates import SIGNS

THRESHOLD = 0.5
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
SHOWN = (0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9)


def page(
    asked: Sequence[Asked], looked: Sequence[Looked], estimate: Logistic, data: str, count: int
) -> Page:
    """Return the report."""
    first = Text(
        f"`compact` on {count} photographs of {data}; `python -m benchmarks.refusal` makes this "
        "page. N-acc: share of absent things that are refused; T-acc: share of present things "
        "that are answered. After: the question is resolved in the domain `coco`, refused where "
        "it names none of it, and else the model is asked for the name it was resolved to."
    )
    blocks = (first, *_points(asked), *_curves(asked), *_without_score(looked, estimate))
    return Page("Refusal before and after the text gate", blocks)


def _points(asked: Sequence[Asked]) -> tuple[Block, ...]:
    header = ("asked for", "absent", "N-acc before", "after", "present", "T-acc before", "after")
    rows = tuple(_row([a for a in asked if a.sort == sort], sort) for sort in SORTS)
    said = Text(
        "What lies outside the domain counts as absent, though some of it may be in a photograph: "
        "the right answer within the domain is a refusal. The gate's descriptions and threshold "
        "were tuned on the other half of the bank."
    )
    return Table(header, rows, caption=f"At a presence of {THRESHOLD}."), said


def _row(asked: Sequence[Asked], sort: str) -> tuple[str, ...]:
    absent, present = (sum(a.there is there for a in asked) for there in (False, True))
    n_before, t_before = accuracies(asked, "alone", THRESHOLD)
    n_after, t_after = accuracies(asked, "gated", THRESHOLD)
    return (
        sort, str(absent), _share(n_before), _share(n_after),
        str(present), _share(t_before), _share(t_after),
    )  # fmt: skip


def accuracies(asked: Sequence[Asked], which: str, threshold: float) -> tuple[float, float]:
    """N-acc and T-acc at a threshold, 0 to 1; NaN where there is nothing to count."""
    said = np.array([getattr(each, which) >= threshold for each in asked])
    there = np.array([each.there for each in asked])
    absent = float(np.mean(~said[~there])) if (~there).any() else float("nan")
    return absent, float(np.mean(said[there])) if there.any() else float("nan")


def _curves(asked: Sequence[Asked]) -> tuple[Block, ...]:
    """N-acc against T-acc as the threshold moves, over all questions and over the names alone."""
    every = {
        "all questions, before": (asked, "alone"),
        "all questions, after": (asked, "gated"),
        "the 80 names": ([each for each in asked if each.sort == NAMES], "gated"),
    }
    points = {name: [accuracies(*what, t) for t in THRESHOLDS] for name, what in every.items()}
    series = []
    for name, pairs in points.items():
        along = sorted((t_acc, n_acc) for n_acc, t_acc in pairs)
        series.append(Series(name, tuple(t for t, _ in along), tuple(n for _, n in along)))
    rows = []
    for name, pairs in points.items():
        shown = [pairs[THRESHOLDS.index(t)] for t in SHOWN]
        rows.append((name, *(f"{100 * n:.1f} / {100 * t:.1f}" for n, t in shown)))
    said = Text(
        "The same questions as the presence threshold moves. A curve further to the upper right is "
        "better."
    )
    return (
        Heading("Over the threshold"),
        said,
        Chart("N-acc over T-acc", "T-acc", "N-acc", tuple(series)),
        Table(("N-acc / T-acc, %, at", *map(str, SHOWN)), tuple(rows)),
    )


def _without_score(looked: Sequence[Looked], estimate: Logistic) -> tuple[Block, ...]:
    rest = [each for each in looked if each.photograph % 2]
    truth = np.array([each.there for each in rest])
    own = np.array([each.presence for each in rest])
    guess = np.array([float(estimate.logit(each.values)) for each in rest])
    said = Text(
        "For an expert that gives none, presence is estimated from its mask. Here the embedded "
        "model's score was taken away; fitted on every other photograph, measured on the rest "
        f"({len(rest)} masks, {int(truth.sum())} of things that are there)."
    )
    rows = (
        _scored("the model's own score", own - THRESHOLD, truth),
        _scored("estimated from the mask", guess, truth),
    )
    weak = Text(
        "The estimate is calibrated for questions whose thing is there every other time. It is "
        "weak: better than nothing, and no substitute for a presence score."
    )
    weights = tuple((n, f"{w:.3f}") for n, w in zip(SIGNS, estimate.weights, strict=True))
    header = ("presence", "AUROC", "N-acc at 0.5", "T-acc at 0.5")
    title = Heading("Presence without a presence score")
    return title, said, Table(header, rows), weak, Table(("sign", "weight"), weights)


def _scored(label: str, margins: np.ndarray, truth: np.ndarray) -> tuple[str, ...]:
    """A row; a thing counts as there from margin 0 on."""
    said = margins >= 0
    refused, kept = float(np.mean(~said[~truth])), float(np.mean(said[truth]))
    return label, f"{auroc(margins, truth):.3f}", _share(refused), _share(kept)


def _share(value: float) -> str:
    return "-" if np.isnan(value) else f"{100 * value:.1f} %"
