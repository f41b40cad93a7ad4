"""Recipes: frozen dataclasses that are read from TOML files, each field checked."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import Field, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from biprompt.errors import DataError

Recipe = TypeVar("Recipe")


def number(default: float, low: float, high: float = math.inf) -> Any:
    """A field that holds a number from `low` to `high`; whole where the default is."""
    return field(default=default, metadata={"limits": (low, high)})


def choice(default: str, *others: str) -> Any:
    """A field that holds one of some words, the default among them."""
    return field(default=default, metadata={"choices": (default, *others)})


def laid_over(base: Recipe, given: Mapping[str, Any], path: Path | None = None) -> Recipe:
    """A recipe with some fields replaced, each checked by what `number` and `choice` say of it.

    Args:
        base: a frozen dataclass.
        given: values by field; a whole number may stand for another number.
        path: the file they come from, for the message.

    Raises:
        DataError: a field is unknown, of another type, or out of range.
    """
    known = {one.name: one for one in fields(base)}  # type: ignore[arg-type]
    values = {name: getattr(base, name) for name in known}
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, 3) or sorted(known)
            raise DataError("recipe field", expected=" or ".join(near), actual=name, path=path)
        values[name] = _checked(known[name], value, type(values[name]), path)
    return type(base)(**values)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        DataError: it cannot be read, or is none.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        actual = error.strerror or str(error)
    except ValueError as error:
        actual = str(error)
    raise DataError("recipe", expected="a TOML file", actual=actual, path=path)


def typed(name: str, value: Any, kind: type[Any], path: Path | None) -> Any:
    """A value in the type of its field; a whole number may stand for another number.

    Raises:
        DataError: it is of another type.
    """
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise wrong(name, kind.__name__, value, path)
    return value


def within(name: str, value: float, limits: tuple[float, float], path: Path | None) -> None:
    """Check a number.

    Raises:
        DataError: it is out of range.
    """
    low, high = limits
    if not low <= value <= high:
        raise wrong(name, f"{low:g} to {high:g}", value, path)


def wrong(name: str, expected: str, actual: object, path: Path | None) -> DataError:
    """The error for a field."""
    return DataError(f"recipe field {name}", expected=expected, actual=actual, path=path)


def _checked(known: Field[Any], value: Any, kind: type[Any], path: Path | None) -> Any:
    value = typed(known.name, value, kind, path)
    if limits := known.metadata.get("limits"):
        within(known.name, value, limits, path)
    choices = known.metadata.get("choices")
    if choices and value not in choices:
        raise wrong(known.name, " or ".join(choices), value, path)
    return value
