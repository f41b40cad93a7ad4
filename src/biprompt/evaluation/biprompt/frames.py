"""EndoVis17 as it is usually scored: by class in each frame, then by frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from biprompt.evaluation.biprompt.asking import Asking
from biprompt.evaluation.biprompt.rows import MAIN
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.evaluation.biprompt.scores import SCORES, cell_values, score_row
from biprompt.evaluation.biprompt.summary import tables
from biprompt.metrics import mean


def summarize_frames(runs: Sequence[DualRun], asking: Asking) -> dict[str, Any]:
    """Return the scores of joined things: all instruments of a class in a frame are one.

    The score of a frame is the mean over the classes that are there, the score of the set the mean
    over frames (the challenge IoU of the EndoVis17 tables). The mean over classes of the mean over
    their frames (mcIoU) is given beside it.

    Args:
        runs: records; those of single things are left alone.
        asking: what was asked.

    Returns:
        `frames` with something to find; `iou` and `dice` by measure, with 95 % bootstrap intervals
        over frames; `points` and `templates` likewise; `by_name`: frames and mean scores of each
        class; `mean_over_names`: their mean.
    """
    kept = [run for run in runs if run.joined]
    frames = _grouped(kept, lambda run: run.image)
    by_name = {
        name: {"frames": len(found)} | _means(found)
        for name, found in _grouped(kept, lambda run: run.label).items()
    }
    groups = list(frames.values())
    return {
        "frames": len(frames),
        **score_row(groups, MAIN),
        **tables(groups, asking),
        "by_name": by_name,
        "mean_over_names": _over_names(by_name.values()),
    }


def _grouped(runs: Iterable[DualRun], by: Callable[[DualRun], str]) -> dict[str, list[DualRun]]:
    groups: dict[str, list[DualRun]] = defaultdict(list)
    for run in runs:
        groups[by(run)].append(run)
    return dict(sorted(groups.items()))


def _means(runs: Sequence[DualRun]) -> dict[str, dict[str, float]]:
    cells = [(MAIN, name) for name in runs[0].counts.get(MAIN, {})]
    groups = [[run] for run in runs]
    return {
        name: {cell[1]: mean(cell_values(groups, cell, score)) for cell in cells}
        for name, score in SCORES.items()
    }


def _over_names(found: Iterable[dict[str, Any]]) -> dict[str, dict[str, float]]:
    kept = list(found)
    return {
        score: {name: mean(each[score][name] for each in kept) for name in kept[0][score]}
        for score in SCORES
        if kept
    }
