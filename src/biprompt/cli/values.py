"""From what was typed to plain numbers and files. No frame is checked here: `Prompt` does that."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from biprompt.errors import PromptError

_T = TypeVar("_T")


def single(option: str, given: Sequence[_T]) -> _T | None:
    """Return the one value of an option, None where it was not given.

    Raises:
        PromptError: it was given more than once.
    """
    if len(given) > 1:
        raise PromptError(option, expected="it once", actual=f"{len(given)} times")
    return given[0] if given else None


def numbers(option: str, text: str, form: str) -> tuple[float, ...]:
    """Return the numbers of `text`, separated by commas, as many as `form` names.

    Raises:
        PromptError: another count, or something that is no number.
    """
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        raise PromptError(option, expected=form, actual=repr(text)) from None
    if len(values) != form.count(",") + 1:
        raise PromptError(option, expected=form, actual=repr(text))
    return values


def point(option: str, text: str) -> tuple[float, ...]:
    """Return (x, y) of `X,Y`, in pixels of the photograph.

    Raises:
        PromptError: it is written otherwise.
    """
    return numbers(option, text, "X,Y")


def path_of_points(option: str, text: str) -> list[tuple[float, ...]]:
    """Return the (x, y) of `X,Y;X,Y;...`; one semicolon at the end does no harm.

    Raises:
        PromptError: it is written otherwise.
    """
    return [numbers(option, part, "X,Y") for part in text.strip().removesuffix(";").split(";")]


def file_pair(option: str, text: str) -> tuple[Path, Path]:
    """Return the two paths of `IMAGE:MASK`; a colon inside a path is understood.

    Raises:
        PromptError: there is no colon between two paths.
    """
    cuts = [i for i, character in enumerate(text) if character == ":" and 0 < i < len(text) - 1]
    if not cuts:
        raise PromptError(option, expected="IMAGE:MASK", actual=repr(text))
    pairs = [(text[:cut], text[cut + 1 :]) for cut in cuts]
    there = [pair for pair in pairs if all(map(os.path.isfile, pair))]
    image, mask = (there or pairs)[-1]
    return Path(image), Path(mask)
