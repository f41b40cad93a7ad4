"""How phrases are read: as word vectors, or as the token ids of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.runtime.base import Phrase
from biprompt.zoo.words import UNKNOWN, WordTable


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


class _Tokenizer(Protocol):
    def encode(self, text: str) -> NDArray[np.int64]: ...


class TokenReader:
    """Reads phrases as token ids; a language model has a piece for any text.

    Args:
        tokenizer: of the model.
    """

    def __init__(self, tokenizer: _Tokenizer) -> None:
        self._tokenizer = tokenizer

    def read(self, text: str) -> Phrase:
        """The phrase's token ids ``(L,)`` int64, as it is written (EVF-SAM was trained so).

        Raises:
            PromptError: more tokens than the model takes.
        """
        return Phrase(text, self._tokenizer.encode(text))
