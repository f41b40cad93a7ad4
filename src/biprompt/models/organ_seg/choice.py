"""The multiple-choice prompt of Organ-Seg, and what a vision-language model answers to it.

The wording of the prompt is the paper's ("Segmentation task response prompt"). The paper does not
say how free answers are read; here what is not clearly one option is "unknown", never a guess.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from string import ascii_uppercase

from biprompt.errors import InputError

NONE_LABEL = "None of them"
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_BOX = re.compile(rf"[(\[]\s*{_NUMBER}\s*,\s*{_NUMBER}\s*(?:\)\s*,?\s*\()?,?\s*"
                  rf"{_NUMBER}\s*,\s*{_NUMBER}\s*[)\]]")  # fmt: skip
_LETTER = r"\(?\b([A-Z])\b\)?"
_SAID = re.compile(
    rf"(?i:\b(?:answer|option|choice))\b(?i:\s+is)?\s*[:\-]?\s*{_LETTER}(?!\s+[a-z])"
)
_FIRST = re.compile(rf"^\W*{_LETTER}(?=\s*(?:[.):,;]|$))", re.MULTILINE)
_NONE = re.compile(r"\bnone(?: of (?:them|the above|these))?\b", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|no|isn't|neither|nor|cannot|can't|never|unsure)\b", re.IGNORECASE)
_LABELLED = re.compile(r"^\W*answer\b\s*[:\-]?\s*(.+)$", re.IGNORECASE | re.MULTILINE)

_ABBREVIATIONS = {
    "inferior vena cava": "IVC",
    "right adrenal gland": "RAG",
    "left adrenal gland": "LAG",
}
"""Those that the paper's options give."""


class Pick(StrEnum):
    """What an answer amounts to."""

    THING = "thing"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a vision-language model chose.

    Attributes:
        pick: one of the things, none of them, or nothing that can be told.
        name: the thing; None unless there is one.
        box: four numbers as the model wrote them, x0, y0, x1, y1; None where there is no box.
        text: the whole answer.
    """

    pick: Pick
    name: str | None
    box: tuple[float, float, float, float] | None
    text: str

    def box_in(self, hw: tuple[int, int]) -> tuple[float, float, float, float] | None:
        """The box in pixels (xyxy) of an image of this height and width; None for no usable one.

        The paper does not say what the numbers count. Four numbers up to 1 are shares of the width
        and the height, as LLaVA writes boxes; others are pixels. A box that is empty or reaches
        out of the image is not used.
        """
        if self.box is None:
            return None
        height, width = hw
        x0, y0, x1, y1 = self.box
        if max(self.box) <= 1.0:
            x0, y0, x1, y1 = x0 * width, y0 * height, x1 * width, y1 * height
        inside = 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
        return (x0, y0, x1, y1) if inside else None


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a question: things by letter, and "None of them" last.

    Any list will do, so a class can be added without training anything.

    Attributes:
        names: the things, at most 25.

    Raises:
        InputError: there are none, too many, or one twice.
    """

    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the names."""
        most = len(ascii_uppercase) - 1
        if not 1 <= len(self.names) <= most:
            raise InputError("options", expected=f"1 to {most} things", actual=len(self.names))
        if len({name.casefold() for name in self.names}) < len(self.names):
            raise InputError("options", expected="different things", actual=self.names)

    @property
    def letters(self) -> dict[str, str | None]:
        """Letter to thing; None is "None of them"."""
        return dict(zip(ascii_uppercase, (*self.names, None), strict=False))

    def prompt(self, question: str) -> str:
        """The text of the paper's prompt for a question, without the turns of a conversation."""
        listed = ", ".join(f"{letter}. {_label(name)}" for letter, name in self.letters.items())
        return _TEMPLATE.format(question=question.strip(), options=listed, none=NONE_LABEL)

    def mentioned(self, text: str) -> Iterator[str]:
        """Things whose name or abbreviation stands in a text as whole words."""
        for name in self.names:
            words = [re.escape(name), re.escape(_ABBREVIATIONS.get(name, name))]
            if re.search(rf"(?i:\b{words[0]}\b)|\b{words[1]}\b", text):
                yield name


_TEMPLATE = """\
Please answer the following multiple-choice question based on the image analysis and generate a \
segmentation mask for the correct organ.
Question: {question}
Options: {options}
Instructions for Assistant:
1) Analyze the image carefully and identify the relevant organ.
2) Choose the correct answer from the given options.
3) Provide a short explanation for your answer, clarifying the function of the chosen organ.
4) If none of the options are correct based on the image, select "{none}."
5) Generate the segmentation mask for the selected organ and provide segmentation information \
(bounding box coordinates, organ label)."""


def parse_answer(text: str, options: Options) -> Choice:
    """Read an answer: "Answer: K", "K. Stomach", "(K)", "Stomach", "None of them", with a box.

    A letter and a name that contradict each other, two names, a letter that is no option and
    anything else give `Pick.UNKNOWN`.

    Args:
        text: what the model wrote.
        options: what it was asked to choose from.
    """
    said = _answer_part(text)
    letter, letters = _letter(said), options.letters
    named = set(options.mentioned(said))
    refusing = bool(_NONE.search(said))
    if letter is not None:
        name = letters.get(letter)
        agree = named <= {name} and refusing <= (name is None)
        known = letter in letters and agree
    else:
        name = next(iter(named), None)
        known = len(named) + refusing == 1 and (refusing or not _DENIED.search(said))
    if not known:
        return Choice(Pick.UNKNOWN, None, None, text)
    if name is None:
        return Choice(Pick.NONE, None, None, text)
    return Choice(Pick.THING, name, _box(text), text)


def _answer_part(text: str) -> str:
    """The line that is called the answer, or the first one that says something."""
    labelled = _LABELLED.search(text)
    if labelled:
        return "answer: " + labelled.group(1)
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _letter(said: str) -> str | None:
    bare = said.strip(" .():*#")
    if len(bare) == 1 and bare.isalpha():
        return bare.upper()
    found = _SAID.search(said) or _FIRST.search(said)
    return found.group(1) if found else None


def _box(text: str) -> tuple[float, float, float, float] | None:
    found = _BOX.search(text)
    if found is None:
        return None
    x0, y0, x1, y1 = map(float, found.groups())
    return (x0, y0, x1, y1) if all(map(math.isfinite, (x0, y0, x1, y1))) else None


def _label(name: str | None) -> str:
    """An option as the paper writes it: a capital first, its abbreviation behind."""
    if name is None:
        return NONE_LABEL
    short = _ABBREVIATIONS.get(name)
    title = name.title() if short else name[:1].upper() + name[1:]
    return f"{title} ({short})" if short else title


def classes_of(names: Sequence[str], none: str) -> tuple[str, ...]:
    """All classes in the order of the logits: the things, and what refuses last."""
    return (*names, none)
