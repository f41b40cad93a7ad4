"""The charts of the absence report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from biprompt.evaluation.absence.thresholds import BALANCED
from biprompt.evaluation.absence.worst import worst_names
from biprompt.evaluation.page import Chart, Series


def curve_chart(found: Mapping[str, Any]) -> Chart:
    """Return T-acc over N-acc, with marks at the model's verdict and at what one may set."""
    points = [*((n, t) for _, n, t in found["curve"]), (1.0, 0.0)]
    curve = Series("every threshold", *zip(*points, strict=True))
    marks = [(found["n_acc"]["mean"], found["t_acc"]["mean"], "the model's verdict")]
    for rule, each in found["thresholds"].items():
        name = rule if rule == BALANCED else f"keeps {100 * float(rule):g} %"
        marks.append((each["n_acc"]["mean"], each["t_acc"]["mean"], name))
    title = "What is kept of the present, over what is refused of the absent"
    return Chart(title, "N-acc", "T-acc", (curve,), marks=tuple(marks))


def thresholds_chart(found: Mapping[str, Any], own: float) -> Chart:
    """Return both accuracies over the threshold, with a mark at the model's own."""
    thresholds, n_acc, t_acc = (tuple(column) for column in zip(*found["curve"], strict=True))
    series = (Series("N-acc", thresholds, n_acc), Series("T-acc", thresholds, t_acc))
    marks = ((own, found["t_acc"]["mean"], "the model's own threshold"),)
    title = "What a threshold refuses and keeps"
    return Chart(title, "presence threshold", "share", series, marks=marks)


def names_chart(names: Mapping[str, Mapping[str, Any]]) -> Chart:
    """Return bars of the worst names."""
    worst = worst_names(names)
    labels = tuple(f"{name} ({each['present']})" for name, each in worst.items())
    series = tuple(
        Series(title, labels, tuple(each[key] for each in worst.values()))
        for title, key in (("N-acc", "n_acc"), ("T-acc", "t_acc"))
    )
    title = "The worst names, and in how many photographs they are"
    return Chart(title, "name", "share", series, kind="bar")
