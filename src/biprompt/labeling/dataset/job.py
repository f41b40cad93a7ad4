"""What is to be assembled, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from biprompt.errors import InputError
from biprompt.labeling.rules import Rules

FORMATS = ("coco", "yolo", "labelme", "png")
REVIEW_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be assembled.

    Attributes:
        formats: names among `FORMATS`.
        rules: what becomes of the answers.
        labels: the classes, in order.
        model: name of the model that answered.
        review: doubt from which on an answer is listed for people.

    Raises:
        InputError: an unknown format, or a doubt outside 0 to 1.
    """

    formats: tuple[str, ...]
    rules: Rules
    labels: tuple[str, ...]
    model: str
    review: float = REVIEW_FROM

    def __post_init__(self) -> None:
        """Check the words and the number."""
        check_formats(self.formats)
        if not 0 <= self.review <= 1:
            raise InputError("doubt", expected="0 to 1", actual=self.review)


def check_formats(names: Iterable[str]) -> None:
    """Raise InputError for a name that is not among `FORMATS`."""
    for name in names:
        if name not in FORMATS:
            raise InputError("format", expected=f"among {', '.join(FORMATS)}", actual=repr(name))


_NUMBERS = ("images", "failed", "prompts_failed", "doubtful")
_COUNTERS = ("objects", "verdicts", "not_understood")


@dataclass(slots=True)
class Summary:
    """What came of it; two of them can be added.

    Attributes:
        images: with answers.
        failed: images without.
        prompts_failed: prompts that could not be asked, of images with answers.
        objects: in the data set, by label.
        verdicts: how many answers there are by verdict, corrected masks included.
        doubtful: answers that are listed for people.
        not_understood: answers to phrases of which the model knows no word, by label.
    """

    images: int = 0
    failed: int = 0
    prompts_failed: int = 0
    objects: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    doubtful: int = 0
    not_understood: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Summary:
        """Make one from what `to_dict` returned."""
        summary = cls()
        for name, value in values.items():
            setattr(summary, name, Counter(value) if name in _COUNTERS else value)
        return summary

    def add(self, other: Summary) -> None:
        """Count another part of the same data set too."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values; counts by name, the most frequent first."""
        plain = {name: getattr(self, name) for name in _NUMBERS}
        return plain | {name: dict(getattr(self, name).most_common()) for name in _COUNTERS}
