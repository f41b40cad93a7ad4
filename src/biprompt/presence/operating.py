"""From similarities to a calibrated probability, with the threshold and what it was measured at."""

from __future__ import annotations

from dataclasses import dataclass

from biprompt.presence.probability import presence_probability


@dataclass(frozen=True)
class Operating:
    """Platt's line and a threshold, with the operating point that was measured for it.

    Attributes:
        slope: of the line over the lead, which is the similarity of the nearest concept less that
            of "none of them".
        offset: of the line.
        floor: "none of them" counts as at least so similar: what resembles nothing is refused.
        threshold: the probability from which on a question is taken.
        bank: the questions it was fitted on, empty where it was not.
        measured: what the threshold gives on held-back questions: "accuracy", "refused" (of
            those that name nothing of the domain), "refused_wrongly" (of the others), shares.
    """

    slope: float
    offset: float
    floor: float
    threshold: float
    bank: str = ""
    measured: tuple[tuple[str, float], ...] = ()

    def lead(self, best: float, none: float) -> float:
        """Return by how much a concept is nearer than "none of them"."""
        return best - max(none, self.floor)

    def probability(self, best: float, none: float) -> float:
        """Return how likely a question with these cosines names a thing of the domain (Platt)."""
        return presence_probability(self.slope * self.lead(best, none) + self.offset)


# Of the organs' bank; for a domain without questions to measure with.
DEFAULT = Operating(slope=13.0, offset=-0.5, floor=0.25, threshold=0.45)
