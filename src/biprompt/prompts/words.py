"""A phrase, cleaned."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from biprompt.errors import PromptError
from biprompt.prompts._value import Value

MAX_PHRASE_CHARS = 1000
_SPACES = "\t\n\r"
_BIDI_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def _is_control(char: str) -> bool:
    if char in _SPACES:
        return False
    return unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI_CONTROLS


def _check_length(phrase: str) -> None:
    if len(phrase) > MAX_PHRASE_CHARS:
        raise PromptError(
            "phrase",
            expected=f"at most {MAX_PHRASE_CHARS} characters",
            actual=f"{len(phrase)} characters",
        )


def clean_phrase(phrase: object) -> str:
    """Return `phrase` in Unicode form NFKC with single spaces.

    Tab, line feed and carriage return count as white space; every other control character
    (also half a surrogate pair, or a mark that reverses the writing direction) is refused.
    All scripts are allowed.

    Raises:
        PromptError: not a string, empty, longer than MAX_PHRASE_CHARS, or with control characters.
    """
    if not isinstance(phrase, str):
        raise PromptError("phrase", expected="a string", actual=type(phrase).__name__)
    _check_length(phrase)
    for char in phrase:
        if _is_control(char):
            raise PromptError(
                "phrase",
                expected="no control characters",
                actual=f"U+{ord(char):04X} in {phrase!r}",
            )
    cleaned = " ".join(unicodedata.normalize("NFKC", phrase).split())
    _check_length(cleaned)
    if not any(unicodedata.category(char)[0] in "LNPS" for char in cleaned):
        raise PromptError("phrase", expected="at least one word", actual=f"{phrase!r}")
    return cleaned


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Text(Value):
    """Words that name a thing.

    Attributes:
        phrase: the cleaned words, 1 to MAX_PHRASE_CHARS characters, see `clean_phrase`.
    """

    phrase: str

    def __init__(self, phrase: str) -> None:
        """Clean and keep the phrase; PromptError where that is not possible."""
        object.__setattr__(self, "phrase", clean_phrase(phrase))

    def __str__(self) -> str:
        """Return the phrase."""
        return self.phrase
