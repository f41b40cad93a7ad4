"""Synonyms, plurals and sorts of a class, and one map made of theirs.

Survey, section on hard prompts: a list of synonyms, subcategories and plurals as [CLASS] labels
(OpenSeg). What any of the words outlines belongs to the class, so a pixel takes the greatest of
their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from biprompt.data.vocabulary import NARROW, SAME, load_vocabulary, plural_of
from biprompt.errors import InputError
from biprompt.runtime.base import Float

Synonyms = Literal["given", "plural", "same", "narrow"]
"""given: the words of the list alone. plural: and their plurals. same: and the package's synonyms.
narrow: and its sorts of the thing ("puppy" of a dog)."""

SYNONYMS: tuple[Synonyms, ...] = get_args(Synonyms)


def check_synonyms(kind: str) -> None:
    """Raise InputError unless this is one of SYNONYMS."""
    if kind not in SYNONYMS:
        raise InputError("synonyms", expected=", ".join(SYNONYMS), actual=repr(kind))


def with_synonyms(words: Sequence[str], kind: Synonyms) -> tuple[str, ...]:
    """Return words that mean a class, with more of them.

    Args:
        words: its name, and what the caller gave for it.
        kind: which to add, each including those before it.

    Returns:
        The words given first; each once, in lower case but those given.
    """
    check_synonyms(kind)
    found = list(words)
    if kind in ("same", "narrow"):
        wanted = {SAME} if kind == "same" else {SAME, NARROW}
        names = load_vocabulary().by_label
        found += [
            name.text
            for word in words
            for name in names.get(word.lower(), ())
            if name.sort in wanted
        ]
    if kind != "given":
        found += [plural(word) for word in list(found)]
    return tuple({word.casefold(): word for word in reversed(found)}.values())[::-1]


def plural(words: str) -> str:
    """Return the plural of a name; one that the package knows to be a plural or a mass noun stays.

    A name that ends in a plural s already ("stairs") stays too.
    """
    known = load_vocabulary().names.get(words.lower())
    if known is not None:
        return known.plural
    last = words.lower()
    is_plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    return words if is_plural else plural_of(words)


def joined(maps: Sequence[Float]) -> Float:
    """Return the greatest value of the maps at each place.

    Args:
        maps: at least one, each (h, w) float32, of the words of one class.
    """
    greatest: Float = np.max(np.stack(maps), axis=0)
    return greatest
