"""What is not meant: phrases cut at "not" and "except", and lists of unwanted things."""

from __future__ import annotations

import re

from biprompt.errors import PromptError
from biprompt.prompts.prompt import Prompt

SEPARATOR = ";"
"""Stands between the things that are not meant."""

_BUT = re.compile(
    r"\s*[,;]?\s*\b(?:but\s+not|and\s+not|except(?:ing)?(?:\s+for)?|excluding|apart\s+from"
    r"|aside\s+from)\b\s*|\s*[,;]\s*not\b\s*",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\s*[,;]\s*(?:(?:and|or|nor)\s+)?(?:not\s+)?|\s+(?:or|nor)\s+"
    r"|\s+and\s+(?=(?:the|a|an|any|all|this|that|my|his|her|their)\b)",
    re.IGNORECASE,
)
_RELATION = frozenset(
    "in on at with without near by under over behind beside before above below of from to for "
    "inside outside next facing closest farthest as so".split()
)
_ALL = re.compile(r"^(?:all|every|each)\s+(?:of\s+)?(?:the\s+)?(?=\S)", re.IGNORECASE)
_ONE = re.compile(r"\bones?\b", re.IGNORECASE)


_ONLY_NOT = re.compile(
    r"(?:not|no|except(?:ing)?(?:\s+for)?|(?:everything|anything|all)\s+(?:but|except(?:\s+for)?))\s",
    re.IGNORECASE,
)


def check_names_something(phrase: str) -> None:
    """Check that a phrase does not only say what is not meant.

    For people at a keyboard: a data set's "not the girl" is asked as it stands.

    Raises:
        PromptError: it does, as "not the cup" and "everything but the cup".
    """
    if _ONLY_NOT.match(phrase):
        expected = "what is meant, and what is not after it"
        raise PromptError("phrase", expected=expected, actual=repr(phrase))


def split_negative(phrase: str) -> tuple[str, tuple[str, ...]]:
    """Cut a phrase into what is wanted and what is not.

    "the skin, not the hair" wants "the skin" and not "the hair"; "all cups except the red one"
    wants "cups" and not "the red cups". What is no thing stays where it is: "the man, not in red".

    Args:
        phrase: cleaned words.

    Returns:
        What is wanted, and every thing that is not; the phrase itself and none where it excludes
        nothing.
    """
    wanted, *rest = _BUT.split(phrase)
    unwanted = tuple(piece for part in rest for piece in _NEXT.split(part.strip(" ,;.")) if piece)
    if not wanted.strip() or not unwanted or not all(_is_thing(piece) for piece in unwanted):
        return phrase, ()
    wanted = _ALL.sub("", wanted.strip(" ,;."))
    head = _head(wanted)
    return wanted, tuple(_ONE.sub(head, piece) for piece in unwanted)


def phrases_of(prompt: Prompt) -> tuple[str | None, tuple[str, ...]]:
    """Return what a prompt names, None without, and each thing once that it does not mean."""
    given = [] if prompt.negative_text is None else prompt.negative_text.phrase.split(SEPARATOR)
    unwanted = [piece.strip() for piece in given if piece.strip()]
    if prompt.text is None:
        return None, tuple(dict.fromkeys(unwanted))
    wanted, excluded = split_negative(prompt.text.phrase)
    return wanted, tuple(dict.fromkeys([*unwanted, *excluded]))


def _is_thing(piece: str) -> bool:
    first = piece.split()[0].lower()
    return first not in _RELATION and not first.endswith("ing")


def _head(wanted: str) -> str:
    """The word for the thing: the last one before a relation."""
    words = wanted.split()
    cut = next((i for i, word in enumerate(words) if i and word.lower() in _RELATION), len(words))
    return words[cut - 1]
