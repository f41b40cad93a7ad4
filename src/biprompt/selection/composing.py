"""The rule for sets of prompts: an estimate of every candidate's IoU, fitted to photographs.

Promptable Image Segmentation survey, eq. 12: a set of prompts should do at least as well as the
best one of them, S(P) >= max S(p). A decoder does not keep that law by itself: given more, it
sometimes answers worse. So the answers of the parts are candidates too, and what decides is an
estimate of two things for each of them: its IoU, and how likely it is to be at least as good as
the best part.

The estimate is linear in the numbers of `biprompt.selection.evidence`, each with a weight of its
own for every kind of prompt that is there. How it was fitted: `biprompt.training.composing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from biprompt.errors import WeightsError
from biprompt.selection._checks import FloatArray
from biprompt.selection.evidence import NAMES, SPATIAL

KINDS = (*SPATIAL, "text")
LAW = 0.2
"""What certainty of keeping the law is worth, in IoU."""
FILE = "composing.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Estimator:
    """Weights of the estimate; F numbers speak for a candidate, D = F * (1 + kinds of prompts).

    Attributes:
        gain: ``(D,)``, how much a candidate's IoU lies above the mean of its pool.
        law: ``(D,)``, how much likelier than the others of its pool it keeps the law.
        pool: ``(D + 1,)``, mean IoU of a pool from the mean of its numbers; last the offset.
    """

    gain: FloatArray
    law: FloatArray
    pool: FloatArray

    def values(self, spoken: FloatArray, kinds: tuple[str, ...]) -> FloatArray:
        """What decides, ``(K,)``: expected IoU and, `LAW` times, the chance to keep the law.

        Args:
            spoken: ``(K, F)``, see `biprompt.selection.evidence.evidence`.
            kinds: which prompts were given, some of KINDS.
        """
        return np.asarray(expanded(spoken, kinds) @ (self.gain + LAW * self.law))

    def ious(self, spoken: FloatArray, kinds: tuple[str, ...]) -> FloatArray:
        """Expected IoU of each candidate, ``(K,)`` from 0 to 1; arguments as of `values`."""
        numbers = expanded(spoken, kinds)
        usual = numbers.mean(0)
        level = float(usual @ self.pool[:-1] + self.pool[-1])
        return np.asarray(np.clip(level + (numbers - usual) @ self.gain, 0.0, 1.0))


def expanded(spoken: FloatArray, kinds: tuple[str, ...]) -> FloatArray:
    """Numbers ``(K, F)`` once, and once more for every kind of prompt: 0 where it is not given."""
    return np.concatenate([spoken, *(spoken * float(kind in kinds) for kind in KINDS)], 1)


@lru_cache(maxsize=1)
def estimator() -> Estimator:
    """Return the fitted estimator of this package.

    Raises:
        WeightsError: its file does not fit this version.
    """
    with (resources.files("biprompt.selection") / FILE).open("rb") as file, np.load(file) as kept:
        names = tuple(str(name) for name in kept["names"])
        if names != NAMES:
            raise WeightsError("estimator", expected=", ".join(NAMES), actual=", ".join(names))
        return Estimator(kept["gain"], kept["law"], kept["pool"])
