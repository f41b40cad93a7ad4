"""How every thing is asked about: points, words, weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from biprompt.errors import InputError
from biprompt.evaluation.biprompt.points import POINTS
from biprompt.evaluation.biprompt.weights import Weights, simplex

NAME = "{}"
"""Stands for the name in a template."""

PAPER_TEMPLATES = (
    NAME,
    "shiny reflective mental surgery {}",
    "surgery tools",
    "shiny reflective mental surgery tools",
)
"""The words of the paper's Table 4, the best first, to the letter ("mental" is "metal")."""

TEMPLATES = (*PAPER_TEMPLATES, "a photo of a {}", "object")


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked about every thing.

    The first point and the first template are the main ones: with them, everything is measured.
    Every other point goes with the main template, every other template with the main point.

    Attributes:
        points: where the single point comes from, some of POINTS.
        templates: the words, with "{}" for the name.
        step: of the weights of eq. 8, 1 divided by a whole number.
        seed: fixes the points that are drawn.

    Raises:
        InputError: an unknown point, a template without words or with other braces, none of
            either, a step that does not divide 1, or a negative seed.
    """

    points: tuple[str, ...] = tuple(POINTS)
    templates: tuple[str, ...] = TEMPLATES
    step: float = 0.25
    seed: int = 0

    def __post_init__(self) -> None:
        """Check all of them; whatever is there twice is asked once."""
        object.__setattr__(self, "points", _checked_points(self.points))
        object.__setattr__(self, "templates", _checked_templates(self.templates))
        simplex(self.step)
        if self.seed < 0:
            raise InputError("seed", expected="0 or more", actual=self.seed)

    @property
    def grid(self) -> tuple[Weights, ...]:
        """The weights of eq. 8."""
        return simplex(self.step)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Point and template of every question that has both, the main one first."""
        point, template = self.points[0], self.templates[0]
        return (
            *((each, template) for each in self.points),
            *((point, each) for each in self.templates[1:]),
        )

    def settings(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        points, templates = list(self.points), list(self.templates)
        return {"points": points, "templates": templates, "step": self.step, "seed": self.seed}


def phrase(template: str, label: str) -> str:
    """Return the words of a template about something.

    Args:
        template: with "{}" for the name, or without.
        label: the name.
    """
    return template.replace(NAME, label)


def _checked_points(given: Iterable[str]) -> tuple[str, ...]:
    points = tuple(dict.fromkeys(given))
    unknown = [point for point in points if point not in POINTS]
    if unknown or not points:
        expected = f"some of {', '.join(POINTS)}"
        raise InputError("points", expected=expected, actual=", ".join(unknown) or "none")
    return points


def _checked_templates(given: Sequence[str]) -> tuple[str, ...]:
    templates = tuple(dict.fromkeys(" ".join(each.split()) for each in given))
    if not templates:
        raise InputError("templates", expected='words, with "{}" for the name', actual="none")
    for each in templates:
        if not each or set(each.replace(NAME, "")) & set("{}"):
            expected = 'words, with "{}" for the name and no other braces'
            raise InputError("template", expected=expected, actual=repr(each))
    return templates
