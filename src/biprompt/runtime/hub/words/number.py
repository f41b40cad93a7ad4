"""Whether a phrase means one thing or all of a kind.

Detectors answer a phrase with boxes for every match. One thing is meant by "the red cup": the best
box is taken. All are meant by "[semantic] cup", "all cups" and "cups": what they outline is united.
"""

from __future__ import annotations

import re

_SEMANTIC = "[semantic]"
_WORDS = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['\u2019]s?(?=\W|$)")
_ALL = frozenset({"all", "every", "each", "both", "several", "many"})
_ONE = frozenset({"a", "an", "one", "this", "that", "another", "single"})
_ENDS_NOUN = frozenset(
    "of in on at to from with by and or not under below above behind near beside between over "
    "next that who which whose wearing holding sitting standing without inside".split()
)
_IRREGULAR = frozenset(
    "people men women children teeth feet geese mice sheep cattle policemen firemen".split()
)
_SINGULAR_S = frozenset(
    "gas canvas lens atlas christmas chess series species glasses sunglasses scissors pants jeans "
    "trousers shorts binoculars tongs pliers headphones tennis iris".split()
)
"""One thing in spite of the last letter."""
_SINGULAR_ENDINGS = ("ss", "us", "is", "ous")


def is_semantic(text: str) -> bool:
    """Whether a phrase begins with "[semantic] ": all of a kind, stuff as well."""
    return text.lower().startswith(_SEMANTIC)


def bare(text: str) -> str:
    """The phrase without "[semantic] "."""
    return text[len(_SEMANTIC) :].strip() if is_semantic(text) else text


def means_all(text: str) -> bool:
    """Whether a phrase means all of a kind: by its prefix, its first word, or a plural noun.

    The noun is the last word before a preposition or a relative clause: "the cups on the table"
    are all, "the man with two cups" is one.
    """
    words = _WORDS.findall(_POSSESSIVE.sub("", bare(text).casefold()))
    if is_semantic(text) or not words:
        return is_semantic(text)
    if words[0] in _ALL:
        return True
    if words[0] in _ONE:
        return False
    end = next((i for i, word in enumerate(words) if i and word in _ENDS_NOUN), len(words))
    return _is_plural(words[end - 1])


def _is_plural(word: str) -> bool:
    if word in _IRREGULAR:
        return True
    regular = len(word) > 2 and word.endswith("s") and not word.endswith(_SINGULAR_ENDINGS)
    return regular and word not in _SINGULAR_S
