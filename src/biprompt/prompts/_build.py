"""From plain Python values to prompt values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from biprompt.errors import PromptError
from biprompt.prompts._arrays import describe
from biprompt.prompts._value import Value
from biprompt.prompts.spatial import Example, Points, Scribble

_V = TypeVar("_V", bound=Value)


def optional(raw: Any, kind: Callable[[Any], _V]) -> _V | None:
    """Return None and ready values as they are, anything else through `kind`."""
    if raw is None or isinstance(raw, Value):
        # A value of another kind is refused by Prompt itself, which knows the field's name.
        return cast("_V | None", raw)
    return kind(raw)


def points_of(points: Any, labels: ArrayLike | None) -> Points | None:
    """Return Points, or None where there are no points; PromptError for labels without points."""
    if isinstance(points, Points):
        return points if labels is None else Points(points.xy, labels)
    if points is None or _is_empty(points):
        if labels is not None and not _is_empty(labels):
            raise PromptError("labels", expected="points to go with them", actual="no points")
        return None
    return Points(points, labels)


def _is_empty(raw: Any) -> bool:
    if isinstance(raw, np.ndarray):
        return raw.shape in ((0,), (0, 2))
    return isinstance(raw, (list, tuple)) and not raw


def scribble_of(raw: Any) -> Scribble:
    """Return a Scribble from a path, a pair (path, label) or a Scribble."""
    if isinstance(raw, Scribble):
        return raw
    if isinstance(raw, (tuple, list)) and len(raw) == 2 and np.isscalar(raw[1]):
        return Scribble(raw[0], raw[1])  # type: ignore[arg-type]  # the constructor checks
    return Scribble(raw)


def examples_of(shown: Any, unmeant: Any) -> tuple[Example, ...]:
    """Return what shows the thing, then what shows what is not meant."""
    return (
        *all_of("examples", shown, example_of),
        *all_of("negative examples", unmeant, lambda raw: example_of(raw, label=0)),
    )


def example_of(raw: Any, label: int = 1) -> Example:
    """Return an Example from a pair (image, mask), or an Example; of label 0, if that is asked."""
    if isinstance(raw, Example):
        return raw if label == 1 or raw.label == label else Example(raw.image, raw.mask, label)
    if not isinstance(raw, (tuple, list)) or len(raw) != 2:
        raise PromptError("example", expected="a pair (image, mask)", actual=describe(raw))
    return Example(raw[0], raw[1], label)


def listed(words: Any) -> Any:
    """Return several phrases as one, with ";" between; anything else, and none, as it is."""
    if isinstance(words, (list, tuple)) and all(isinstance(each, str) for each in words):
        return "; ".join(words) if words else None
    return words


def all_of(what: str, raw: Any, build: Callable[[Any], _V]) -> tuple[_V, ...]:
    """Return every item of a sequence through `build`; none for None."""
    if raw is None:
        return ()
    if isinstance(raw, str) or not isinstance(raw, Iterable):
        raise PromptError(what, expected="a sequence", actual=describe(raw))
    return tuple(build(item) for item in raw)
