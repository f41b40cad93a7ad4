"""From phrases to word vectors, and what of a phrase the model understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.zoo.words import UNKNOWN, WordTable


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase as the text expert takes it.

    Attributes:
        text: the phrase.
        vectors: ``(L, 96)`` float32, the known words in order.
        understood: whether a word of it is near one the model was trained on.
        ignored: words that are in no word table and so were left out.
    """

    text: str
    vectors: NDArray[np.float32]
    understood: bool
    ignored: tuple[str, ...]


class PhraseReader:
    """Reads phrases with one word table and one model's trained words.

    Args:
        table: word vectors.
        known_words: words the model was trained on.
    """

    def __init__(self, table: WordTable, known_words: Sequence[str]) -> None:
        self._table = table
        ids = [table.find(word) for word in known_words]
        self._known = table.vectors([i for i in ids if i != UNKNOWN])

    def read(self, text: str) -> Phrase:
        """The phrase's words.

        Raises:
            PromptError: more words than the model takes.
        """
        tokens = self._table.tokenize(text)
        ignored = tuple(w for w, i in zip(tokens.words, tokens.ids, strict=True) if i == UNKNOWN)
        vectors = self._table.vectors(tokens.ids[tokens.ids != UNKNOWN])
        understood = bool(len(vectors)) and self._table.understood(tokens, self._known)
        return Phrase(text, vectors, understood, ignored)


def word_batch(
    phrases: Sequence[Phrase],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors ``(P, L, 96)``, padded with zeros, and lengths ``(P,)``."""
    longest = max(len(phrase.vectors) for phrase in phrases)
    words = np.zeros((len(phrases), longest, phrases[0].vectors.shape[1]), np.float32)
    for row, phrase in zip(words, phrases, strict=True):
        row[: len(phrase.vectors)] = phrase.vectors
    return words, np.array([len(phrase.vectors) for phrase in phrases], np.float32)
