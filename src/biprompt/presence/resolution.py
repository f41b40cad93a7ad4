"""What a question was found to ask for. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """One thing of a question.

    Attributes:
        text: the words of the question it was read from.
        things: names of the things it means; empty where it is refused.
        refused: whether it names nothing of the domain.
        nearest: the thing or group nearest to it, also where it is refused; None for no match.
        similarity: its cosine.
        irrelevant: cosine of "none of them".
        probability: 0 to 1, that it names a thing of the domain.
        similarities: cosine of every thing and group, nearest first.
        reason: one sentence for a person.
    """

    text: str
    things: tuple[str, ...]
    refused: bool
    nearest: str | None
    similarity: float
    irrelevant: float
    probability: float
    similarities: dict[str, float] = field(repr=False)
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "text": self.text,
            "things": list(self.things),
            "refused": self.refused,
            "nearest": self.nearest,
            "similarity": round(self.similarity, 4),
            "irrelevant": round(self.irrelevant, 4),
            "probability": round(self.probability, 4),
            "similarities": {name: round(s, 4) for name, s in self.similarities.items()},
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Resolution:
    """What a question asks for.

    Attributes:
        question: as it was asked.
        domain: name of the domain.
        concepts: names of the things to segment, in the order of the domain.
        refused: whether there is none.
        parts: what each part of it was found to mean.
        reason: one sentence for a person.
    """

    question: str
    domain: str
    concepts: tuple[str, ...]
    refused: bool
    parts: tuple[Part, ...]
    reason: str

    @property
    def decisive(self) -> Part | None:
        """The part that decides: the least likely of those taken, else of those refused."""
        taken = [part for part in self.parts if part.refused == self.refused]
        return min(taken or self.parts, key=lambda part: part.probability, default=None)

    @property
    def nearest(self) -> str | None:
        """The concept nearest to the part that decides."""
        return None if self.decisive is None else self.decisive.nearest

    @property
    def probability(self) -> float:
        """How likely the question names things of the domain, 0 to 1: of its weakest part."""
        return 0.0 if self.decisive is None else self.decisive.probability

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "question": self.question,
            "domain": self.domain,
            "concepts": list(self.concepts),
            "refused": self.refused,
            "probability": round(self.probability, 4),
            "nearest": self.nearest,
            "reason": self.reason,
            "parts": [part.to_dict() for part in self.parts],
        }
