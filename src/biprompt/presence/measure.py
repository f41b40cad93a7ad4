"""How well the questions of a bank are understood, and the operating point fitted on half of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from biprompt.errors import DataError
from biprompt.presence.bank import Question
from biprompt.presence.calibration import fit_logistic
from biprompt.presence.context import ContextCache
from biprompt.presence.operating import Operating
from biprompt.presence.questions import resolve
from biprompt.presence.resolution import Resolution

FLOORS = (0.2, 0.25, 0.3, 0.35, 0.4)
TUNING, HELD_BACK = "tuning", "held back"


@dataclass(frozen=True)
class Outcome:
    """A question, what it was found to mean, and what it is nearest to when nothing is refused."""

    question: Question
    found: Resolution
    nearest: frozenset[str]

    @property
    def right(self) -> bool:
        """Whether exactly the right things came back, or the refusal that was due."""
        return frozenset(self.found.concepts) == self.question.things


def outcomes(questions: Iterable[Question], cache: ContextCache) -> list[Outcome]:
    """Ask every question twice: as a user does, and with a threshold that refuses nothing."""
    willing = cache.with_operating(replace(cache.domain.operating, threshold=1e-300))
    return [
        Outcome(q, resolve(q.text, cache), frozenset(resolve(q.text, willing).concepts))
        for q in questions
    ]


def summary(found: Sequence[Outcome]) -> dict[str, float]:
    """Return the shares of a bank's half.

    "top1": of the questions for things, those whose nearest concepts are the right ones, before
    anything is refused; "answered": those that are answered rightly; "refused_wrongly": those that
    are refused; "refused": of the other questions, those that are refused.
    """
    asked = [o for o in found if o.question.things]
    others = [o for o in found if not o.question.things]
    if not asked or not others:
        raise DataError("questions", expected="both sorts", actual=f"{len(asked)}, {len(others)}")
    return {
        "asked": len(asked),
        "top1": _share(o.nearest == o.question.things for o in asked),
        "answered": _share(o.right for o in asked),
        "refused_wrongly": _share(o.found.refused for o in asked),
        "others": len(others),
        "refused": _share(o.found.refused for o in others),
    }


def by_things(found: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """Return, for every answer of the bank, how many questions it has and how many were right."""
    counts: dict[str, tuple[int, int]] = {}
    for each in found:
        name = ", ".join(sorted(each.question.things)) or each.question.kind
        asked, right = counts.get(name, (0, 0))
        counts[name] = asked + 1, right + each.right
    return counts


def halves(found: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    """Part outcomes into those of questions for tuning and those held back."""
    parts: dict[str, list[Outcome]] = {TUNING: [], HELD_BACK: []}
    for each in found:
        parts[HELD_BACK if each.question.held_back else TUNING].append(each)
    return parts


def fit_operating(found: Iterable[Outcome], bank: str) -> Operating:
    """Fit Platt's line on the tuning half, and set the threshold where both shares are highest.

    The floor is that of FLOORS with the smallest loss. Questions of one part only take part.
    """
    tuning = [o for o in halves(found)[TUNING] if len(o.found.parts) == 1]
    truth = np.array([bool(o.question.things) for o in tuning])
    parts = [o.found.parts[0] for o in tuning]
    best: tuple[float, Operating] | None = None
    for floor in FLOORS:
        leads = np.array([p.similarity - max(p.irrelevant, floor) for p in parts])
        line = fit_logistic(leads, truth)
        z = line.weights[0] * leads + line.offset
        loss = float(np.logaddexp(0, np.where(truth, -z, z)).mean())
        operating = Operating(line.weights[0], line.offset, floor, _threshold(z, truth), bank)
        if best is None or loss < best[0]:
            best = loss, operating
    if best is None:
        raise DataError("questions", expected="some for tuning", actual="none")
    return best[1]


def _threshold(logits: np.ndarray, truth: np.ndarray) -> float:
    """The middle of the probabilities with the most refused and the fewest refused wrongly."""
    p = np.sort(0.5 * (1 + np.tanh(logits / 2)))
    middles = (p[1:] + p[:-1]) / 2
    q = 0.5 * (1 + np.tanh(logits / 2))
    scores = np.array([(q[~truth] < m).mean() + (q[truth] >= m).mean() for m in middles])
    return round(float(np.median(middles[scores == scores.max()])), 3)


def _share(hits: Iterable[bool]) -> float:
    return float(np.mean([*hits]))
