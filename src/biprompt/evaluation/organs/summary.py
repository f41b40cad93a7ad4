"""Numbers of organs by question, with 95 % bootstrap intervals over volumes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from biprompt.evaluation.organs.record import ELSEWHERE, Case, OrgansRun
from biprompt.metrics import (
    NONE,
    AnswerCounts,
    Overlap,
    known_mean,
    mean,
    organ_sums,
    ratio_intervals,
)

Floats = npt.NDArray[np.float64]
SHARES = ("n_acc", "t_acc", "accuracy", "refused")


def summarize(runs: Sequence[OrgansRun], names: Sequence[str]) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values.

    Args:
        runs: all records of one contender.
        names: of the questions, in order.

    Returns:
        `slices`, `volumes`, `questions`, `present` and `absent` among these, `not_understood`;
        `dice`: mean over organs of their Dice on slices that show them, a refusal being an empty
        mask; `dice_always`: with every mask taken whatever the presence; `n_acc`, `t_acc`,
        `accuracy` (answers that are right, rightful refusals too) and `refused`, shares of
        questions; `organs`: see `_organ`; `confusion`: `names` and `counts`, a row for what is
        right, a column for what was answered.
    """
    cases = [case for run in runs for case in run.cases()]
    present = sum(case.present for case in cases)
    return {
        "slices": len(runs),
        "volumes": len({run.volume for run in runs}),
        "questions": len(cases),
        "present": present,
        "absent": len(cases) - present,
        "not_understood": sum(one is False for run in runs for one in run.understood),
        **_numbers(cases, names),
        "confusion": _confusion(cases, names),
    }


def _numbers(cases: Sequence[Case], names: Sequence[str]) -> dict[str, Any]:
    means = {"dice": [f"dice/{name}" for name in names]}
    means["dice_always"] = [f"always/{name}" for name in names]
    columns = {key: i for i, key in enumerate([*SHARES, *means["dice"], *means["dice_always"]])}
    places = [[columns[key] for key in keys] for keys in means.values()]

    def numbers(ratios: Floats) -> list[float]:
        return [*ratios, *(known_mean(ratios[where]) for where in places)]

    intervals = ratio_intervals(*_sums(cases, columns), numbers)
    values = _values(cases, names)
    found = {
        key: {"value": values[key], "interval": list(interval)}
        for key, interval in zip([*columns, *means], intervals, strict=True)
    }
    organs = {name: _organ(name, cases, found) for name in names}
    return {key: found[key] for key in (*SHARES, *means)} | {"organs": organs}


def _sums(cases: Sequence[Case], columns: Mapping[str, int]) -> tuple[Floats, Floats]:
    """What each volume adds above and below the line, (volumes, columns) both."""
    rows = {name: i for i, name in enumerate(sorted({case.run.volume for case in cases}))}
    tops, bottoms = np.zeros((2, len(rows), len(columns)))
    for case in cases:
        for key, value in _adds(case):
            place = rows[case.run.volume], columns[key]
            tops[place] += value
            bottoms[place] += 1
    return tops, bottoms


def _adds(case: Case) -> Iterator[tuple[str, float]]:
    yield "accuracy", case.right == case.said
    yield "refused", case.refused
    if not case.present:
        yield "n_acc", case.refused
        return
    yield "t_acc", not case.refused
    yield f"dice/{case.name}", case.overlap(refusing=True).dice
    yield f"always/{case.name}", case.overlap(refusing=False).dice


def _values(cases: Sequence[Case], names: Sequence[str]) -> dict[str, float]:
    counts = _answers(cases)
    values = {name: getattr(counts, name) for name in ("n_acc", "t_acc", "accuracy")}
    values["refused"] = mean(float(case.refused) for case in cases)
    for kind, refusing in (("dice", True), ("always", False)):
        sums = organ_sums(
            (case.name, case.overlap(refusing=refusing)) for case in cases if case.present
        )
        for name in names:
            found = sums.organs.get(name)
            values[f"{kind}/{name}"] = float("nan") if found is None else found.dice
        values["dice" if refusing else "dice_always"] = sums.dice
    return values


def _organ(name: str, cases: Iterable[Case], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of one question.

    Returns:
        `present` and `absent` slices; `dice` and `dice_always` over those that show it;
        `dice_every`: over all slices, an empty answer where there is nothing counting 1, any other
        0; `volume_dice`: mean over the volumes that show it of the Dice of all their slices
        together; `recognised`: share of the slices with it where the answer is most like it;
        `t_acc` and `n_acc`.
    """
    mine = [case for case in cases if case.name == name]
    there = [case for case in mine if case.present]
    every = organ_sums((name, case.overlap(refusing=True)) for case in mine).organs.get(name)
    return {
        "present": len(there),
        "absent": len(mine) - len(there),
        "dice": found[f"dice/{name}"],
        "dice_always": found[f"always/{name}"],
        "dice_every": float("nan") if every is None else every.dice,
        "volume_dice": _volume_dice(mine),
        "recognised": mean(float(case.said == name) for case in there),
        "t_acc": mean(float(not case.refused) for case in there),
        "n_acc": mean(float(case.refused) for case in mine if not case.present),
    }


def _volume_dice(cases: Iterable[Case]) -> float:
    volumes: dict[str, list[Overlap]] = defaultdict(list)
    for case in cases:
        volumes[case.run.volume].append(case.overlap(refusing=True))
    whole = [
        Overlap(
            sum(each.intersection for each in found),
            sum(each.prediction for each in found),
            sum(each.truth for each in found),
        )
        for found in volumes.values()
    ]
    return mean(each.dice for each in whole if each.truth)


def _answers(cases: Iterable[Case]) -> AnswerCounts:
    return AnswerCounts(Counter((case.right, case.said) for case in cases))


def _confusion(cases: Sequence[Case], names: Sequence[str]) -> dict[str, Any]:
    """Rows and columns have the same names: the organs asked for, others shown, NONE, ELSEWHERE."""
    others = sorted({case.said for case in cases} - {*names, NONE, ELSEWHERE})
    every = [*names, *others, NONE, ELSEWHERE]
    return {"names": every, "counts": _answers(cases).matrix(every).tolist()}
