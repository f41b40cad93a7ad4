"""The prompts of one object: each kind drawn from the truth, alone and in every combination."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from biprompt.data.clicks import next_click
from biprompt.data.outlines import BoolMask
from biprompt.errors import DataError, InputError
from biprompt.evaluation.composition.scribble import scribble
from biprompt.masks import bbox_xyxy
from biprompt.metrics import subsets
from biprompt.metrics.composition import JOIN
from biprompt.prompts import Prompt

KINDS = ("click", "box", "text", "scribble")


def checked_kinds(given: Iterable[str]) -> tuple[str, ...]:
    """Return kinds of prompts in the order of KINDS.

    Raises:
        InputError: one is unknown, or they are fewer than two.
    """
    asked = list(given)
    kinds = tuple(kind for kind in KINDS if kind in asked)
    if len(kinds) < 2 or set(asked) - set(KINDS):
        expected, actual = f"two or more of {', '.join(KINDS)}", ", ".join(asked) or "none"
        raise InputError("kinds of prompts", expected=expected, actual=actual)
    return kinds


def draw(
    truth: BoolMask, ignore: BoolMask | None, label: str | None, kinds: Sequence[str]
) -> dict[str, Prompt]:
    """Return a prompt for every set of kinds, by its name.

    The click is the simulator's first one, the box is the tight box of the mask, the words are the
    label, the scribble runs along the object. Pixels to ignore are never clicked or drawn on.

    Args:
        truth: (H, W) bool, the object.
        ignore: (H, W) bool, pixels to leave alone.
        label: what it is called.
        kinds: some of KINDS.

    Returns:
        The prompts in the order of `biprompt.metrics.subsets`; none where no pixel can be clicked.

    Raises:
        DataError: words are wanted, and the object has no name.
    """
    if label is None and "text" in kinds:
        raise DataError("object", expected="a label, as words are asked", actual="none")
    click = next_click(truth, np.zeros_like(truth), ignore)
    if click is None:
        return {}
    values: dict[str, dict[str, Any]] = {
        "click": {"points": [(click.x, click.y)], "labels": [click.label]},
        "box": {"box": bbox_xyxy(truth)},
        "text": {"text": label},
        "scribble": {"scribbles": [scribble(truth if ignore is None else truth & ~ignore)]},
    }
    return {name: _together(values, name.split(JOIN)) for name in subsets(kinds)}


def _together(values: dict[str, dict[str, Any]], kinds: Sequence[str]) -> Prompt:
    given = reduce(lambda one, kind: one | values[kind], kinds, dict[str, Any]())
    return Prompt.build(**given)
