"""What a checkpoint says about itself: the few facts that neither names nor shapes tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from biprompt.errors import WeightsError
from biprompt.zoo.recognise.transformers import stated_there
from biprompt.zoo.weights import Weights

KEY = "biprompt_config"
"""In the metadata of a safetensors file, or in the ``config.json`` beside any other."""
CONFIG_FILE = "config.json"

_Choice = TypeVar("_Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Stated:
    """A tree of facts; what it lacks has a default, what shapes tell is not looked up in it."""

    tree: Mapping[str, Any] = field(default_factory=dict)

    def part(self, name: str) -> Stated:
        """What is said about one part; nothing where that part is not mentioned."""
        found = self.tree.get(name)
        return Stated(found if isinstance(found, Mapping) else {})

    def number(self, name: str, default: int) -> int:
        """A whole number of at least 1.

        Raises:
            WeightsError: it is something else.
        """
        value = self.tree.get(name, default)
        if not _is_count(value) or value == 0:
            raise _wrong(name, "a whole number of at least 1", value)
        return int(value)

    def numbers(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Whole numbers.

        Raises:
            WeightsError: they are something else.
        """
        value = self.tree.get(name, default)
        if not isinstance(value, (list, tuple)) or not all(map(_is_count, value)):
            raise _wrong(name, "a list of whole numbers", value)
        return tuple(value)

    def choice(self, name: str, default: _Choice, choices: tuple[_Choice, ...]) -> _Choice:
        """One of some words.

        Raises:
            WeightsError: it is another one.
        """
        value = self.tree.get(name, default)
        for choice in choices:
            if value == choice:
                return choice
        raise _wrong(name, " or ".join(choices), value)

    def flag(self, name: str, default: bool) -> bool:
        """Yes or no.

        Raises:
            WeightsError: it is something else.
        """
        value = self.tree.get(name, default)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false", value)
        return value


def stated_by(weights: Weights) -> Stated:
    """What a checkpoint says about itself, under `KEY`; nothing where it is silent.

    Raises:
        WeightsError: it says something that cannot be read.
    """
    path = weights.files[0].path
    if KEY in weights.metadata:
        return Stated(_object(weights.metadata[KEY], path))
    beside = path.with_name(CONFIG_FILE)
    if not beside.is_file():
        return Stated()
    tree = _object(beside.read_bytes(), beside)
    return Stated(tree[KEY] if isinstance(tree.get(KEY), Mapping) else stated_there(tree))


def _object(text: str | bytes, path: Path) -> Mapping[str, Any]:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise WeightsError(CONFIG_FILE, expected="JSON", actual=error, path=path) from error
    if not isinstance(tree, Mapping):
        raise WeightsError(KEY, expected="an object", actual=type(tree).__name__, path=path)
    return tree


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _wrong(name: str, expected: str, value: object) -> WeightsError:
    return WeightsError(f"{name} in {KEY}", expected=expected, actual=repr(value))
