"""The numbers of the report, out of the records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.rows import (
    MAIN,
    MEASURES,
    POOLS,
    point_row,
    template_row,
    weights_row,
)
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.evaluation.biprompt.scores import (
    Groups,
    cell_overlaps,
    gains,
    has_cell,
    score_row,
)
from biprompt.evaluation.biprompt.weights import IOU_ONLY, weights_name
from biprompt.evaluation.interactive import correlation
from biprompt.metrics import cumulative_iou, mean

GAINS = {
    "gate_paper - click_own": ("gate_paper", "click_own"),
    "gate_wide - click_own": ("gate_wide", "click_own"),
    "gate_parts - click_own": ("gate_parts", "click_own"),
    "gate_paper - text": ("gate_paper", "text"),
    "gate_wide - text": ("gate_wide", "text"),
    "gate_wide - gate_paper": ("gate_wide", "gate_paper"),
    "gate_parts - gate_wide": ("gate_parts", "gate_wide"),
}
"""Paired differences of the main row, by name."""

AS_DEFAULT = Asking()


def summarize(runs: Sequence[DualRun], asking: Asking = AS_DEFAULT) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Args:
        runs: records of things; joined ones are left alone.
        asking: what was asked.

    Returns:
        `objects`, and `left_out`: those without a pixel to point at; `iou`, `dice` and `ciou`
        (all intersections over all unions) by measure; `gain`: paired differences of IoU;
        `picked_best`: how often own pick and paper gate took the best of the click's candidates,
        `picked_best_of_wide`: the wide gate of its own; `winners`, `verdicts`: how often each came
        up; `understood`: share of words that meant something;
        `score_correlation`: of predicted with true IoU; `points`, `templates` and `weights`: the
        same scores by source of the point, by template, and by pool and weights.
    """
    alone = [run for run in runs if run.joined is None]
    kept = [run for run in alone if run.counts]
    groups = [[run] for run in kept]
    return {
        "objects": len(kept),
        "left_out": len(alone) - len(kept),
        **score_row(groups, MAIN),
        "ciou": _cumulative(kept),
        "gain": gains(groups, {n: ((MAIN, a), (MAIN, b)) for n, (a, b) in GAINS.items()}),
        **_choices(kept, asking),
        **tables(groups, asking),
        "weights": {pool: _weights(groups, weights_row(pool), asking) for pool in POOLS},
    }


def tables(groups: Groups, asking: Asking) -> dict[str, Any]:
    """Return the scores by source of the point and by template, with what the gate gains.

    Args:
        groups: records of things, or of joined ones.
        asking: what was asked.
    """
    points = {each: point_row(each) for each in asking.points}
    templates = {each: template_row(each) for each in asking.templates}
    return {
        "points": {
            source: score_row(groups, row) | {"gain": _over_click(groups, row, row)}
            for source, row in points.items()
            if has_cell(groups, (row, "click_own"))
        },
        "templates": {
            template: score_row(groups, row)
            | {"gain": _over_click(groups, row, MAIN)}
            | _words(groups, template)
            for template, row in templates.items()
            if has_cell(groups, (row, "text"))
        },
    }


def _over_click(groups: Groups, row: str, clicked: str) -> dict[str, Any]:
    gates = (f"gate_{pool}" for pool in POOLS)
    return gains(groups, {gate: ((row, gate), (clicked, "click_own")) for gate in gates})


def _words(groups: Groups, template: str) -> dict[str, Any]:
    """How often the words were understood, None where the model cannot tell, and denied."""
    said = [run.words[template] for group in groups for run in group if template in run.words]
    known = [each["understood"] for each in said if each["understood"] is not None]
    return {
        "understood": mean(known) if known else None,
        "absent": mean(each["verdict"] == "absent" for each in said) if said else None,
    }


def _cumulative(runs: Sequence[DualRun]) -> dict[str, float]:
    found = {name: cell_overlaps(runs, (MAIN, name)) for name in MEASURES}
    return {name: cumulative_iou(each) for name, each in found.items() if each}


def _choices(runs: Sequence[DualRun], asking: Asking) -> dict[str, Any]:
    names = sorted({name for run in runs for name in run.verdicts})
    words = [run.words[asking.templates[0]]["understood"] for run in runs if run.words]
    candidates = [each for run in runs for each in _candidates(run)]
    return {
        "picked_best": {
            name: mean(run.picked[name] for run in runs)
            for name in ("own", "gate_paper")
            if runs and name in runs[0].picked
        },
        "picked_best_of_wide": mean(run.picked["gate_wide"] for run in runs if run.words),
        "winners": _counted(run.winner or "none" for run in runs),
        "verdicts": {name: _counted(run.verdicts[name] for run in runs) for name in names},
        "understood": mean(each is not False for each in words),
        "score_correlation": correlation(
            [score for score, _ in candidates], [iou for _, iou in candidates]
        ),
    }


def _candidates(run: DualRun) -> Iterable[tuple[float, float]]:
    """Predicted and true IoU of each candidate of the click."""
    for shared, area, score in run.candidates:
        union = area + run.truth - shared
        yield score, shared / union if union else 1.0


def _weights(groups: Groups, row: str, asking: Asking) -> dict[str, Any]:
    """IoU under each weights, and how much that is above IoU alone (the paper's choice)."""
    names = [weights_name(weights) for weights in asking.grid]
    alone = (row, weights_name(IOU_ONLY))
    above = gains(groups, {name: ((row, name), alone) for name in names})
    return {
        name: {"iou": found, "above_iou_only": above[name]}
        for name, found in score_row(groups, row, names)["iou"].items()
    }


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
