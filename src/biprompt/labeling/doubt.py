"""How doubtful an answer is, and why: what a person should look at first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biprompt.selection import Policy

MARGIN = 0.1
"""A lead over the next candidate from which on a choice is no longer doubtful."""
THRESHOLD = Policy().presence_threshold


@dataclass(frozen=True, slots=True)
class Doubt:
    """How doubtful an answer is.

    Attributes:
        value: 0 (none) to 1.
        why: the reasons, the strongest first, each with its number.
    """

    value: float
    why: tuple[str, ...] = ()


NONE = Doubt(0.0)


def doubt_of(answer: Mapping[str, Any]) -> Doubt:
    """Return how doubtful an answer is: its strongest reason counts.

    Words and pointing that disagree: 1. A presence at its threshold: 1, falling to 0 at presence 0
    and 1. Found although the presence is below the threshold: 0.5 to 1; absent although it is not:
    1. A predicted IoU s: 1 - s. A lead m over the next candidate: 1 - m / MARGIN, times the part in
    which the two differ (1 - their IoU). A phrase of which no word is known to the model says
    nothing about an image, so it raises no doubt by itself.

    Args:
        answer: as `describe` returns it.
    """
    if answer["understood"] is False and answer["verdict"] == "absent":
        return NONE
    reasons = sorted(_reasons(answer), reverse=True)
    reasons = [reason for reason in reasons if reason[0] > 0]
    if not reasons:
        return NONE
    return Doubt(round(reasons[0][0], 4), tuple(why for _, why in reasons))


def _reasons(answer: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    verdict, presence = answer["verdict"], answer["presence"]
    if verdict == "disagree":
        yield 1.0, "words and pointing disagree"
    if presence is not None:
        told = f"{verdict}, presence {presence:.2f}"
        yield _by_presence(presence, found=verdict != "absent"), told
    if verdict == "absent":
        return
    if (score := answer["score"]) is not None:
        yield 1 - score, f"predicted IoU {score:.2f}"
    margin, rival = answer["margin"], answer["rival"]
    if margin is not None and rival is not None:
        told = f"lead of {margin:.3f} over a candidate with IoU {rival:.2f}"
        yield (1 - margin / MARGIN) * (1 - rival), told


def _by_presence(presence: float, *, found: bool) -> float:
    if presence >= THRESHOLD:
        return 1 - (presence - THRESHOLD) / (1 - THRESHOLD) if found else 1.0
    return 1 - 0.5 * presence / THRESHOLD if found else presence / THRESHOLD
