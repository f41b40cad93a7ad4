"""Answers to hundreds of prompts: their masks are held packed and unpacked when they are looked at.

A photograph of 12 megapixels and 500 clicks would otherwise take 24 GB of masks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from biprompt.masks.packed import PackedMask
from biprompt.results._plain import BoolArray

if TYPE_CHECKING:
    from biprompt.results.segmentation import Segmentation

T = TypeVar("T")


class _Unpacking:
    """An attribute that may hold a `PackedMask` and always gives the mask (H, W) bool."""

    def __init__(self, slot: Any) -> None:
        self._slot = slot
        self.__doc__ = slot.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        if owner is None:
            return self
        held = self._slot.__get__(owner, kind)
        return held.unpacked() if isinstance(held, PackedMask) else held

    def __set__(self, owner: Any, value: Any) -> None:
        self._slot.__set__(owner, value)


def holds_masks(*names: str) -> Callable[[type[T]], type[T]]:
    """Let attributes of a dataclass with slots hold packed masks; goes above `dataclass`."""

    def made(owner: type[T]) -> type[T]:
        for name in names:
            setattr(owner, name, _Unpacking(getattr(owner, name)))
        return owner

    return made


def held_packed(answer: Segmentation) -> Segmentation:
    """Return the same answer with all its masks packed: each access makes the array anew."""
    card = answer.card
    packed = replace(
        card,
        candidates=tuple(replace(each, mask=_packed(each.mask)) for each in card.candidates),
        text_mask=None if card.text_mask is None else _packed(card.text_mask),
    )
    # A copy: the array is a view that keeps the masks of a whole call alive.
    soft = None if answer.soft is None else np.array(answer.soft)
    return replace(answer, mask=_packed(answer.mask), card=packed, soft=soft)


def _packed(mask: BoolArray) -> BoolArray:
    # What holds it gives the array back, so to its reader it is one.
    return cast(BoolArray, PackedMask.of(mask))
