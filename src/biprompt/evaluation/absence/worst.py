"""Which names a model gets wrong most often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAST_PHOTOGRAPHS = 3
COUNT = 20
WORST = (
    f"The {COUNT} names with the lowest mean of N-acc and T-acc, the worst first, among those in "
    f"{LEAST_PHOTOGRAPHS} photographs or more and missing in as many: of a rarer one a single "
    "photograph decides."
)


def worst_names(names: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return the worst names, the worst first.

    Args:
        names: numbers by name, as `summarize` returns them.
    """
    often = {
        name: each
        for name, each in names.items()
        if min(each["present"], each["absent"]) >= LEAST_PHOTOGRAPHS
    }
    ordered = sorted(often.items(), key=lambda item: (_both(item[1]), item[0]))
    return dict(ordered[:COUNT])


def _both(each: Mapping[str, Any]) -> float:
    return float(each["n_acc"] + each["t_acc"])
