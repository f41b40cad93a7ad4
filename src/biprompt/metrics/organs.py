"""Organs by question: Dice per organ, and which organ was answered for which (Organ-Seg)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from biprompt.metrics.accumulate import mean
from biprompt.metrics.functional import Overlap
from biprompt.metrics.merging import NOTHING, ExactSum, Mergeable, merged

NONE = "none"


@dataclass(frozen=True, slots=True)
class OrganSum(Mergeable):
    """Sums over the cases of one organ.

    Attributes:
        dices: Dice of each case; two empty masks count 1.
        intersection: pixels of all cases.
        area: pixels of all predictions and all truths.
    """

    dices: ExactSum = NOTHING
    intersection: int = 0
    area: int = 0

    @property
    def dice(self) -> float:
        """Mean of the cases' Dice: what FLARE ranks by; NaN of no case."""
        return self.dices.mean

    @property
    def pooled_dice(self) -> float:
        """Dice of all cases as one; NaN of no case."""
        if self.area == 0:
            return 1.0 if self.dices.count else math.nan
        return 2 * self.intersection / self.area


@dataclass(frozen=True, slots=True)
class OrganSums(Mergeable):
    """Sums over cases.

    Attributes:
        organs: sums by organ.
    """

    organs: Mapping[str, OrganSum] = field(default_factory=dict)

    @property
    def dice(self) -> float:
        """Mean over organs of their `dice`, each organ weighing the same; NaN of none."""
        return mean(organ.dice for organ in self.organs.values())


@dataclass(frozen=True, slots=True)
class AnswerCounts(Mergeable):
    """How often each organ was answered when one was asked for; NONE is a refusal.

    Attributes:
        counts: cases by the pair (what is right, what was answered).
    """

    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def matrix(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """Return (N, N) int64: rows what is right, columns what was answered."""
        cells = [[self.counts.get((right, said), 0) for said in names] for right in names]
        return np.array(cells, np.int64)

    @property
    def accuracy(self) -> float:
        """Share of cases answered rightly, rightful refusals too; NaN of none."""
        return _share((r == said, n) for (r, said), n in self.counts.items())

    @property
    def n_acc(self) -> float:
        """Share of the false premises that were refused; NaN of none."""
        return _share((said == NONE, n) for (r, said), n in self.counts.items() if r == NONE)

    @property
    def t_acc(self) -> float:
        """Share of the other questions that were not refused; NaN of none."""
        return _share((said != NONE, n) for (r, said), n in self.counts.items() if r != NONE)


def organ_sums(cases: Iterable[tuple[str, Overlap]]) -> OrganSums:
    """Sum over cases: the organ asked for, and its prediction beside its truth."""
    return merged((OrganSums({name: _case(sample)}) for name, sample in cases), OrganSums())


def answer_counts(answers: Iterable[tuple[str, str]]) -> AnswerCounts:
    """Count pairs of what is right and what was answered, each an organ or NONE."""
    return merged((AnswerCounts({pair: 1}) for pair in answers), AnswerCounts())


def _case(sample: Overlap) -> OrganSum:
    area = sample.prediction + sample.truth
    return OrganSum(ExactSum.of([sample.dice]), sample.intersection, area)


def _share(cases: Iterable[tuple[bool, int]]) -> float:
    kept = list(cases)
    total = sum(count for _, count in kept)
    return sum(count for right, count in kept if right) / total if total else math.nan
