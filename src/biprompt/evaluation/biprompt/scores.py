"""Means of the cells of a report, with intervals, over things or over groups of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from biprompt.evaluation.biprompt.rows import MEASURES
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.metrics import Overlap, bootstrap_interval, mean

Groups = Sequence[Sequence[DualRun]]
"""What an interval resamples: each group counts by its mean, a thing alone is a group of one."""

Cell = tuple[str, str]
"""Row and column."""

Score = Callable[[Overlap], float]
SCORES: dict[str, Score] = {"iou": lambda each: each.iou, "dice": lambda each: each.dice}


def estimate(values: Sequence[float]) -> dict[str, Any]:
    """Return the mean and its 95 % bootstrap interval."""
    return {"mean": mean(values), "interval": list(bootstrap_interval(values))}


def score_row(
    groups: Groups, row: str, columns: Iterable[str] = tuple(MEASURES)
) -> dict[str, dict[str, Any]]:
    """Return mean IoU and mean Dice of every column of a row.

    Args:
        groups: the records.
        row: name of the row.
        columns: in their order; those that the records do not have are left out.
    """
    kept = [column for column in columns if has_cell(groups, (row, column))]
    return {
        name: {column: estimate(cell_values(groups, (row, column), score)) for column in kept}
        for name, score in SCORES.items()
    }


def gains(groups: Groups, pairs: dict[str, tuple[Cell, Cell]]) -> dict[str, Any]:
    """Return mean paired differences of IoU by name; those without both cells are left out."""
    return {
        name: estimate(differences(groups, one, other))
        for name, (one, other) in pairs.items()
        if has_cell(groups, one) and has_cell(groups, other)
    }


def differences(groups: Groups, one: Cell, other: Cell) -> list[float]:
    """Return how much higher the IoU of one cell is than that of another, by group."""
    pairs = zip(cell_values(groups, one), cell_values(groups, other), strict=True)
    return [a - b for a, b in pairs]


def cell_values(groups: Groups, cell: Cell, score: Score = SCORES["iou"]) -> list[float]:
    """Return a cell's score by group."""
    return [mean(score(each) for each in cell_overlaps(group, cell)) for group in groups]


def cell_overlaps(runs: Iterable[DualRun], cell: Cell) -> list[Overlap]:
    """Return a cell's sums by record; records without it are left out."""
    found = (run.overlap(*cell) for run in runs)
    return [each for each in found if each is not None]


def has_cell(groups: Groups, cell: Cell) -> bool:
    """Say whether the records have a cell."""
    return bool(groups) and groups[0][0].overlap(*cell) is not None
