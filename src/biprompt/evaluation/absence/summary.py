"""The numbers of the absence report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from biprompt.evaluation.absence.record import AbsenceRun
from biprompt.evaluation.absence.thresholds import operating
from biprompt.metrics import (
    FrameSums,
    Overlap,
    auroc,
    bootstrap_statistics,
    frame_sums,
    generalised_sums,
    matthews_correlation,
    mean,
    robust_sums,
)

LABELS = "labels"
"""Names of the set itself, among the lists of words."""


def summarize(records: Sequence[AbsenceRun]) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, intervals over photographs.

    A question without a presence score counts as undecided: it has no part in curve and
    thresholds, and is counted.

    Returns:
        `photographs`; `present` and `absent`: how many pairs of photograph and name;
        `without_score`; `n_acc` and `t_acc` by the model's own verdict, with intervals; `mcc`, the
        Matthews correlation of verdict and truth; what `operating` returns; `auroc_by_name`: mean
        over names; `masks`: robust IoU and others; `names`: the same by name, for classes;
        `understood`: how many words of each list.
    """
    runs = [run for run in records if not run.words]
    by_class = not any(run.refs for run in runs)
    names = _names(runs) if by_class else {}
    return {
        "photographs": len(runs),
        "present": sum(sum(run.there) for run in runs),
        "absent": sum(len(run.there) - sum(run.there) for run in runs),
        "without_score": sum(score is None for run in runs for score in run.presence),
        **_verdicts(runs),
        **operating(runs),
        "auroc_by_name": mean(e["auroc"] for e in names.values() if not math.isnan(e["auroc"])),
        "masks": _masks(runs, by_class),
        "names": names,
        "understood": _understood(records, by_class),
    }


def _verdicts(runs: Sequence[AbsenceRun]) -> dict[str, Any]:
    counts = np.array([_counted(run) for run in runs], np.int64).reshape(-1, 4)

    def shares(total: Any) -> tuple[float, float, float]:
        refused, found, missed, kept = (int(each) for each in total)
        return (
            _share(refused, refused + found),
            _share(kept, kept + missed),
            matthews_correlation(kept, found, missed, refused),
        )

    names = ("n_acc", "t_acc", "mcc")
    intervals = [(math.nan, math.nan)] * len(names)
    if runs:
        drawn = bootstrap_statistics(len(runs), lambda places: shares(counts[places].sum(0)))
        intervals = [(each.low, each.high) for each in drawn]
    return {
        name: {"mean": value, "interval": list(interval)}
        for name, value, interval in zip(names, shares(counts.sum(0)), intervals, strict=True)
    }


def _counted(run: AbsenceRun) -> tuple[int, int, int, int]:
    """Absent and refused, absent and found, present and refused, present and found."""
    pairs = list(zip(run.there, run.refused, strict=True))
    return tuple(pairs.count(kind) for kind in _KINDS)  # type: ignore[return-value]  # four


_KINDS = ((False, True), (False, False), (True, True), (True, False))


def _names(runs: Sequence[AbsenceRun]) -> dict[str, dict[str, Any]]:
    asked: dict[str, list[tuple[bool, bool, float | None]]] = {}
    for run in runs:
        answers = zip(run.there, run.refused, run.presence, strict=True)
        for name, answer in zip(run.names, answers, strict=True):
            asked.setdefault(name, []).append(answer)
    return {name: _name(answers) for name, answers in asked.items()}


def _name(answers: Sequence[tuple[bool, bool, float | None]]) -> dict[str, Any]:
    there = [refused for present, refused, _ in answers if present]
    absent = [refused for present, refused, _ in answers if not present]
    known = [(score, present) for present, _, score in answers if score is not None]
    return {
        "present": len(there),
        "absent": len(absent),
        "n_acc": mean(absent),
        "t_acc": mean(not refused for refused in there),
        "auroc": auroc([score for score, _ in known], [present for _, present in known]),
    }


def _masks(runs: Sequence[AbsenceRun], by_class: bool) -> dict[str, float]:
    overlaps = [[run.overlap(i) for i in range(len(run.names))] for run in runs]
    every = generalised_sums(each for run in overlaps for each in run).every
    references = robust_sums(
        part for run, found in zip(runs, overlaps, strict=True) for part in _parts(run, found)
    )
    frames = FrameSums()
    if by_class:
        frames = frame_sums(
            {name: each for name, each in zip(run.names, found, strict=True) if each.union}
            for run, found in zip(runs, overlaps, strict=True)
        )
    return {
        "giou": every.giou, "ciou": every.ciou,
        "miou": references.miou, "mrr": references.mrr, "riou": references.riou,
        "ch_iou": frames.ch_iou, "isi_iou": frames.isi_iou, "mc_iou": frames.mc_iou,
    }  # fmt: skip


def _parts(run: AbsenceRun, overlaps: Sequence[Overlap]) -> list[list[Overlap]]:
    """The overlaps of each reference; the photograph is one where classes are asked."""
    if not run.refs:
        return [list(overlaps)]
    pairs = sorted(zip(run.refs, range(len(overlaps)), strict=True))
    return [[overlaps[i] for _, i in group] for _, group in groupby(pairs, lambda pair: pair[0])]


def _understood(records: Sequence[AbsenceRun], by_class: bool) -> dict[str, Any]:
    lists = {run.words: run for run in records if run.words}
    photographs = [run for run in records if not run.words]
    if by_class and photographs:
        lists = {LABELS: photographs[0], **lists}
    return {name: _words(run) for name, run in lists.items()}


def _words(run: AbsenceRun) -> Mapping[str, Any]:
    others = [w for w, known in zip(run.names, run.understood, strict=True) if known is False]
    return {"asked": len(run.names), "understood": len(run.names) - len(others), "others": others}


def _share(count: int, of: int) -> float:
    return count / of if of else math.nan
