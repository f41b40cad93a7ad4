"""The classes that are asked for: each a name, and other words for the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from biprompt.errors import PromptError
from biprompt.prompts.words import clean_phrase

BETWEEN_CLASSES, BETWEEN_WORDS, SAME_AS = ";", ",", "="
MAX_CLASSES = 65_535
"""As many as a 16-bit label map can number."""


@dataclass(frozen=True, slots=True)
class NamedClass:
    """One class.

    Attributes:
        name: how the map calls it, and what is asked for.
        also: further words that mean it; what any of them outlines belongs to it.
    """

    name: str
    also: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The name, then the further words, each once."""
        return tuple(dict.fromkeys((self.name, *self.also)))


Given = str | Sequence[str] | Mapping[str, Sequence[str]]
"""Classes as a caller writes them, see `classes_of`."""


def classes_of(given: Given | Sequence[NamedClass]) -> tuple[NamedClass, ...]:
    """Read a list of classes.

    Args:
        given: one text, ``"sky; road; person = man, woman"``; or a list with one such entry each;
            or a mapping from names to further words; or ready values.

    Raises:
        PromptError: no class, too many, the same name twice, or words that are none.
    """
    if isinstance(given, str) and BETWEEN_WORDS in given and not {";", "="} & set(given):
        expected = f"names with {BETWEEN_CLASSES!r} between them"
        raise PromptError("classes", expected=expected, actual=repr(given))
    found = tuple(_read(entry) for entry in _entries(given))
    if not 1 <= len(found) <= MAX_CLASSES:
        raise PromptError("classes", expected=f"1 to {MAX_CLASSES} names", actual=len(found))
    seen: set[str] = set()
    for each in found:
        if each.name.casefold() in seen:
            raise PromptError("classes", expected="each name once", actual=repr(each.name))
        seen.add(each.name.casefold())
    return found


def _entries(given: Given | Sequence[NamedClass]) -> list[str | NamedClass]:
    if isinstance(given, str):
        return [part for part in given.split(BETWEEN_CLASSES) if part.strip()]
    if isinstance(given, Mapping):
        return [NamedClass(clean_phrase(name), _cleaned(also)) for name, also in given.items()]
    return list(given)


def _read(entry: str | NamedClass) -> NamedClass:
    if isinstance(entry, NamedClass):
        return entry
    if not isinstance(entry, str):
        expected = "a name, or NAME = WORDS, WORDS"
        raise PromptError("class", expected=expected, actual=repr(entry))
    name, is_same, more = entry.partition(SAME_AS)
    also = _cleaned(more.split(BETWEEN_WORDS)) if is_same else ()
    return NamedClass(clean_phrase(name), also)


def _cleaned(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean_phrase(word) for word in words)
