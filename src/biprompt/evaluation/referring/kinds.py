"""Kinds of questions: what a report tells apart."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from biprompt.evaluation.referring.records import ReferringRun

WORDS: Mapping[float, str] = {
    1: "1",
    2: "2",
    3: "3",
    4: "4 to 5",
    6: "6 to 10",
    11: "11 to 20",
    21: "over 20",
}
"""Names by least number of words."""
SIZES: Mapping[float, str] = {
    0.0: "under 1 %",
    0.01: "1 to 4 %",
    0.04: "4 to 10 %",
    0.1: "10 to 25 %",
    0.25: "over 25 %",
}
"""Names by least share of the image that the target covers."""
SAME: Mapping[float, str] = {0: "0", 1: "1", 2: "2", 3: "3", 4: "4 or more"}
"""Names by least number of things of the class in the image."""

Kinds = Mapping[str, Mapping[str, Sequence[int]]]


def kinds_of(runs: Sequence[ReferringRun]) -> Kinds:
    """Return places of records by kind: `words`, `size`, `same` and `class`, each by its name.

    Words are counted where sentences are asked, not names of classes; a size has what has a target,
    and a class what is there in some image. Kinds that no record is of are left out.
    """
    found: dict[str, dict[str, list[int]]] = {
        "words": {name: [] for name in WORDS.values()},
        "size": {name: [] for name in SIZES.values()},
        "same": {name: [] for name in SAME.values()},
        "class": defaultdict(list),
    }
    there = {run.label for run in runs if run.truth}
    for place, run in enumerate(runs):
        for kind, name in _kinds(run).items():
            if kind != "class" or name in there:
                found[kind][name].append(place)
    found["class"] = dict(sorted(found["class"].items()))
    parted = {
        kind: {name: places for name, places in names.items() if places}
        for kind, names in found.items()
    }
    return {kind: names for kind, names in parted.items() if names}


def _kinds(run: ReferringRun) -> dict[str, str]:
    names = {}
    if run.label:
        names["class"] = run.label
    elif not run.unread:
        names["words"] = _name(WORDS, len(run.phrase.split()))
    if run.truth:
        names["size"] = _name(SIZES, run.truth / run.pixels)
    if run.same is not None:
        names["same"] = _name(SAME, run.same)
    return names


def _name(names: Mapping[float, str], value: float) -> str:
    least = list(names)
    return names[least[bisect_right(least, value) - 1]]
