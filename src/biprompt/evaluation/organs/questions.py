"""What is asked of a slice: organs by name, by a sentence about the name, or by what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from biprompt.errors import InputError

ORGAN = "{organ}"
"""Stands for the name in a template."""


class Told(StrEnum):
    """What a model is told: a question, or where the organ is, taken from the truth."""

    QUESTION = "question"
    CLICK = "click"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Question:
    """One question, the same for every slice.

    Attributes:
        name: what the report calls it; the organ, where there is one.
        phrase: what is said.
        organs: every one of them is meant; none for a false premise in any slice.
    """

    name: str
    phrase: str
    organs: tuple[str, ...]


TEMPLATES: Mapping[str, str] = {
    "name": ORGAN,
    "segment": f"Segment the {ORGAN}.",
    "where": f"Where is the {ORGAN} in this CT slice?",
}
"""Ways to ask by name."""

FUNCTIONS = (
    Question("liver", "Which organ is involved in fat metabolism?", ("liver",)),
    Question(
        "kidneys",
        "Which organ filters waste from the blood to produce urine?",
        ("right kidney", "left kidney"),
    ),
    Question(
        "spleen",
        "Which organ filters and removes old red blood cells from circulation?",
        ("spleen",),
    ),
    Question(
        "pancreas",
        "Which organ produces digestive enzymes that break down carbohydrates, fats, and proteins?",
        ("pancreas",),
    ),
    Question("gallbladder", "Which organ stores bile produced by the liver?", ("gallbladder",)),
    Question(
        "stomach",
        "Which organ is responsible for breaking down food using gastric acid?",
        ("stomach",),
    ),
    Question("breathing", "Which organ is responsible for breathing?", ()),
)
"""The questions that Organ-Seg prints (Table IV and its prompt); the last one is a false premise.
They do not tell the kidneys apart."""

FUNCTION = "function"
NAME = "name"


def questions_of(asked: str, organs: Sequence[str]) -> tuple[Question, ...]:
    """Return the questions of one kind.

    Args:
        asked: a key of TEMPLATES, "function" for FUNCTIONS, or any text with one "{organ}".
        organs: the data set's.

    Raises:
        InputError: it is none of these.
    """
    if asked == FUNCTION:
        return FUNCTIONS
    template = TEMPLATES.get(asked, asked)
    if template.count(ORGAN) != 1:
        expected = f'{", ".join(TEMPLATES)}, {FUNCTION}, or text with one "{ORGAN}"'
        raise InputError("question", expected=expected, actual=asked)
    return tuple(Question(name, template.replace(ORGAN, name), (name,)) for name in organs)
