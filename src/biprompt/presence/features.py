"""The feature of a short text: what its words mean, and how they are written.

A word is two unit vectors: its row in the word table (96 numbers distilled from a sentence encoder;
`zoo.words`), or in the table of medical words beside it, and its hashed letter groups, which carry
names that no table holds, endings and slips of the pen. A text is the weighted sum of its words:
words of a domain weigh the more, the fewer of its concepts are described with them.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biprompt.presence.domain import Domain
from biprompt.presence.plain_words import ASKING
from biprompt.zoo.words import FUNCTION_WORDS, WORD_DIM, WordTable, split_words, word_forms

Array = npt.NDArray[np.float32]
LETTER_DIM = 768
FEATURE_DIM = WORD_DIM + LETTER_DIM
VERSION = 1
"""Of the feature: stored ones of another version are not compared."""
_MEANING = math.sqrt(0.5)
_UNSAID = 0.7
"""Weight of a word that no description holds, against 1 for a word of one concept alone."""
_KIND = 0.1
_GROUPS = (3, 4, 5)
_WHOLE = 3
_SIDES = frozenset({"left", "right"})
MEDICAL = Path(__file__).parent / "data" / "medical.npz"


@lru_cache(maxsize=1)
def _tables() -> tuple[WordTable, ...]:
    return WordTable.load(), WordTable.load(MEDICAL)


@lru_cache(maxsize=50_000)
def _word(word: str) -> Array:
    """The feature of a word, (864,) float32; unit length where a table holds it."""
    both = np.concatenate([meaning(word), _letters(word)]) * np.float32(_MEANING)
    both.setflags(write=False)
    return both


def meaning(word: str) -> Array:
    """Return a word's vector, (96,) float32 of unit length; zeros for a word no table holds."""
    for form in word_forms(word):
        for table in _tables():
            if form in table.index:
                row: Array = table.vectors([table.index[form]])[0]
                return row
    return np.zeros(WORD_DIM, np.float32)


def _letters(word: str) -> Array:
    """Signed counts of a word's letter groups in LETTER_DIM cells, unit length."""
    cells, whole = np.zeros(LETTER_DIM, np.float32), f"<{word}>"
    pieces = [whole[i : i + n] for n in _GROUPS for i in range(len(whole) - n + 1)]
    for piece in [whole] * _WHOLE + pieces:
        code = zlib.crc32(piece.encode())
        cells[code % LETTER_DIM] += 1 if code >> 20 & 1 else -1
    length = np.linalg.norm(cells)
    return np.asarray(cells / length if length else cells, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class TextEncoder:
    """Turns texts into features, with the word weights of one domain.

    Attributes:
        weights: word -> weight; what is not in it weighs as a word that nothing is said with.
    """

    weights: Mapping[str, float] = field(repr=False)

    @classmethod
    def of(cls, domain: Domain) -> TextEncoder:
        """Weigh the words by the number of concepts that are described with them."""
        entries = (*domain.entries, domain.none)
        spoken = [{w for text in e.texts for w in split_words(text)} for e in entries]
        count = Counter(word for words in spoken for word in words)
        most = math.log(1 + len(entries))
        weights = {word: math.log(1 + len(entries) / n) / most for word, n in count.items()}
        kinds = {word for kind in domain.kinds for word in split_words(kind)}
        weights |= dict.fromkeys(kinds | _SIDES, _KIND)
        # Without this a domain with one concept, of which every word tells, would hear nothing.
        return cls(weights | dict.fromkeys(FUNCTION_WORDS | ASKING, 0.0))

    def weight(self, word: str) -> float:
        """Return how much a word counts."""
        return self.weights.get(word, _UNSAID)

    def encode(self, words: Iterable[str]) -> Array:
        """Return the feature of words, (864,) float32 of unit length; zeros if none counts."""
        total = np.zeros(FEATURE_DIM, np.float32)
        for word in words:
            weight = self.weight(word)
            if weight:
                total += np.float32(weight) * _word(word)
        length = np.linalg.norm(total)
        return np.asarray(total / length if length else total, np.float32)

    def content(self, words: Iterable[str]) -> list[str]:
        """Return the words that tell what is asked for."""
        return [word for word in words if self.weight(word) > _KIND]
