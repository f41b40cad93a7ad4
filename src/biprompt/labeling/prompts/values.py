"""The fields of a prompt in a file, and the prompt they make."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from biprompt.errors import DataError, InputError, PromptError
from biprompt.io.formats.objects import DEFAULT_LABEL
from biprompt.io.images import read_mask
from biprompt.labeling.storage import is_url
from biprompt.labeling.values import Ask
from biprompt.masks import rle_decode
from biprompt.prompts import Prompt
from biprompt.zoo.words import SEMANTIC

GIVEN = ("text", "negative_text", "points", "labels", "box", "scribbles", "polygon", "mask")
"""The fields that make the prompt, by their names in `Prompt.build`."""
FIELDS = ("image", "id", "label", *GIVEN)


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt of a file.

    Attributes:
        image: the name of its image; None for all images.
        ask: the prompt; an empty id for one without.
    """

    image: str | None
    ask: Ask


def said_of(values: Mapping[str, Any], what: str, place: str) -> Said:
    """Return what one line of a prompt file says, checked as far as that goes without its image.

    Args:
        values: plain values by the names in `FIELDS`; None counts as not given.
        what: the line, for the message.
        place: path or URL of the file; the path of a mask is taken from beside it.

    Raises:
        DataError: an unknown field, or a value of the wrong form.
    """
    there = {name: value for name, value in values.items() if value is not None}
    for name in there:
        if name not in FIELDS:
            raise _wrong(what, f"fields among {', '.join(FIELDS)}", repr(name), place)
    for name in ("image", "label"):
        if name in there and not (isinstance(there[name], str) and there[name].strip()):
            raise _wrong(f"{what}, {name}", "a name", repr(there[name]), place)
    given = {name: there[name] for name in GIVEN if name in there}
    if isinstance(given.get("mask"), str):
        given["mask"] = _beside(place, given["mask"])
    try:
        _check(given)
    except InputError as error:
        raise _wrong(f"{what}, {error.what}", error.expected, error.actual, place) from error
    label = there.get("label", label_of(given.get("text", DEFAULT_LABEL)))
    return Said(there.get("image"), Ask(_id(there.get("id"), what, place), label.strip(), given))


def prompt_of(ask: Ask) -> Prompt:
    """Build the prompt; a mask that is a file is read.

    Raises:
        PromptError: a value is malformed, or nothing is asked.
        ImageError: the mask cannot be read.
        DataError: damaged run lengths.
    """
    given = dict(ask.given)
    mask = given.pop("mask", None)
    if isinstance(mask, str):
        given["mask"] = read_mask(mask)
    elif mask is not None:
        given["mask"] = rle_decode(mask)
    prompt = Prompt.build(**given)
    if prompt.is_empty:
        raise PromptError("prompt", expected="a text, point, box, stroke or mask", actual="none")
    return prompt


def label_of(phrase: str) -> str:
    """Return what a phrase names as a label: without `[semantic]` before it and "?" behind it."""
    return phrase.strip().removeprefix(SEMANTIC).rstrip("?").strip() or DEFAULT_LABEL


def _check(given: Mapping[str, Any]) -> None:
    mask = given.get("mask")
    if isinstance(mask, str):  # a million of them would be read twice
        given = {name: value for name, value in given.items() if name != "mask"}
        Prompt.build(**given)
        return
    prompt_of(Ask("", "", given))


def _id(value: object, what: str, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise _wrong(f"{what}, id", "a text or a whole number", repr(value), place)
    return str(value)


def _beside(place: str, path: str) -> str:
    if is_url(place) or is_url(path):
        return path
    return os.path.join(os.path.dirname(os.path.abspath(place)), path)


def _wrong(what: str, expected: object, actual: object, place: str) -> DataError:
    return DataError(what, expected=expected, actual=actual, path=place)
