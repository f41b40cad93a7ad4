"""The tables of the absence report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.absence.worst import worst_names
from biprompt.evaluation.page import Table
from biprompt.evaluation.page.numbers import number, with_interval

_SHOWN = 20
_MASKS = {
    "giou": "gIoU",
    "ciou": "cIoU",
    "miou": "mIoU",
    "mrr": "mRR",
    "riou": "rIoU",
    "ch_iou": "Ch_IoU",
    "isi_iou": "ISI_IoU",
    "mc_iou": "mcIoU",
}


def numbers_table(results: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what every contender reaches; the first one is ours."""
    header = ("", "N-acc", "T-acc", "MCC", "AUROC", "AUROC, mean over names")
    columns = len(header) - (not any(found["names"] for found in results.values()))
    rows = tuple(
        (
            name,
            *(_mean(found[key]) for key in ("n_acc", "t_acc", "mcc", "auroc")),
            number(found["auroc_by_name"]),
        )[:columns]
        for name, found in results.items()
    )
    return Table(header[:columns], rows, frozenset({0}))


def thresholds_table(thresholds: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return what to set, and what it promises."""
    header = ("to keep", "threshold", "N-acc", "T-acc", "N-acc elsewhere", "T-acc elsewhere")
    return Table(header, tuple(_promise(rule, each) for rule, each in thresholds.items()))


def _promise(rule: str, each: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = each["interval"]
    return (
        rule if rule.isalpha() else f"{100 * float(rule):g} %",
        f"{each['presence']:g} [{number(low)}, {number(high)}]",
        *(_mean(each[key]) for key in ("n_acc", "t_acc")),
        *(number(each["elsewhere"][key]) for key in ("n_acc", "t_acc")),
    )


def masks_table(results: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the mask scores that mean something here, a row a contender; the first one is ours."""
    scores = {name: found["masks"] for name, found in results.items()}
    known = [key for key in _MASKS if any(number(each[key]) != "-" for each in scores.values())]
    rows = ((name, *(number(each[key]) for key in known)) for name, each in scores.items())
    return Table(("", *(_MASKS[key] for key in known)), tuple(rows), frozenset({0}))


def names_table(names: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the worst names."""
    header = ("name", "photographs with it", "N-acc", "T-acc", "AUROC")
    rows = (
        (name, str(each["present"]), *(number(each[key]) for key in ("n_acc", "t_acc", "auroc")))
        for name, each in worst_names(names).items()
    )
    return Table(header, tuple(rows))


def words_table(understood: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return how many words of each list mean something."""
    rows = (
        (
            name,
            f"{each['understood']} of {each['asked']}",
            ", ".join(each["others"][:_SHOWN]) + (", ..." if len(each["others"]) > _SHOWN else "")
            or "-",
        )
        for name, each in understood.items()
    )
    return Table(("words", "understood", "not understood"), tuple(rows))


def _mean(entry: Mapping[str, Any]) -> str:
    interval = entry["interval"]
    return with_interval(entry["mean"], None if number(interval[0]) == "-" else interval)
