"""Compositionality: are several prompts at least as good as the best of them? (survey, eq. 12).

A set of prompts is named by its kinds joined with `+`, in the order in which they are listed:
`click+text`. Its score S is any number, higher being better; here it is the IoU.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from biprompt.metrics.merging import NOTHING, ExactSum, Mergeable, merged

JOIN = "+"


@dataclass(frozen=True, slots=True)
class Composed(Mergeable):
    """Sums over objects for one set P of two or more prompts.

    Attributes:
        gains: S(P) - max S(p) of each object.
        better: objects with a gain above 0.
        equal: objects with a gain of exactly 0.
    """

    gains: ExactSum = NOTHING
    better: int = 0
    equal: int = 0

    @property
    def holds(self) -> float:
        """Share of objects for which S(P) >= max S(p); NaN of none."""
        objects = self.gains.count
        return (self.better + self.equal) / objects if objects else math.nan


@dataclass(frozen=True, slots=True)
class CompositionSums(Mergeable):
    """Sums over objects.

    Attributes:
        sets: sums by the name of the set of prompts, two or more in each.
    """

    sets: Mapping[str, Composed] = field(default_factory=dict)

    @property
    def every(self) -> Composed:
        """All sets together, each weighing the same on each object."""
        return merged(self.sets.values(), Composed())


def subsets(kinds: Sequence[str]) -> list[str]:
    """Return the names of all sets of prompts: single kinds first, then pairs, and so on."""
    sizes = range(1, len(kinds) + 1)
    return [JOIN.join(each) for each in chain(*(combinations(kinds, size) for size in sizes))]


def gain(scores: Mapping[str, float], name: str) -> float:
    """Return S(P) - max S(p) of one object.

    Args:
        scores: by the name of the set of prompts.
        name: the set P.
    """
    return scores[name] - max(scores[kind] for kind in name.split(JOIN))


def composition_sums(objects: Iterable[Mapping[str, float]]) -> CompositionSums:
    """Sum over objects.

    Args:
        objects: for each, the score of every set of prompts by its name.
    """
    return merged(map(_object, objects), CompositionSums())


def _object(scores: Mapping[str, float]) -> CompositionSums:
    return CompositionSums({name: _composed(gain(scores, name)) for name in scores if JOIN in name})


def _composed(value: float) -> Composed:
    return Composed(ExactSum.of([value]), int(value > 0), int(value == 0))
