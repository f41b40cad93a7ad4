"""Phrases as the token ids of a model of transformers, from the files of its folder."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError, WeightsError
from biprompt.zoo.hub.families import HubFamily
from biprompt.zoo.hub.opening import transformers_class
from biprompt.zoo.words import SEMANTIC

VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt")
"""Files of which one must be there: without, transformers makes an empty vocabulary in silence."""
_STOPS = re.compile(r"[.?]+")


class HubTokenizer:
    """Cuts phrases into pieces; "[semantic] " is no part of them. Threads may share one.

    Args:
        folder: holds one of :data:`VOCABULARIES`.
        family: whose words they are. Grounding DINO reads small letters and a full stop at the
            end, and takes a stop inside for the beginning of another phrase.
        most: ids that the model takes, first and last counted.
        words: rows of the model's word embedding.

    Raises:
        MissingExtraError: transformers is not installed.
        WeightsError: the files are missing or damaged, or know more words than the model.
    """

    def __init__(self, folder: Path, family: HubFamily, most: int, words: int) -> None:
        kind = transformers_class("AutoTokenizer", family)
        if not any((folder / name).is_file() for name in VOCABULARIES):
            raise _unusable(folder, "none of them")
        try:
            # From the files of this folder alone, and never code that came with them.
            self._tokenizer: Any = kind.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # transformers raises a different type for every kind of damage
            raise _unusable(folder, str(error) or type(error).__name__) from error
        if len(self._tokenizer) > words:
            raise _unusable(folder, f"{len(self._tokenizer)} words, and the model has {words}")
        self._sentence = family is HubFamily.GROUNDING_DINO
        self._most = most
        # A call may change settings of the tokenizer, which fails while another thread reads them.
        self._turn = threading.Lock()

    def encode(self, text: str) -> NDArray[np.int64]:
        """Return the ids of a phrase, ``(T,)`` int64, first and last included.

        Raises:
            PromptError: there are more than the model takes; a phrase is never cut short.
        """
        with self._turn:
            ids = self._tokenizer(self._written(text), verbose=False)["input_ids"]
        if len(ids) > self._most:
            expected, actual = f"at most {self._most} tokens", f"{len(ids)} tokens"
            raise PromptError("phrase", expected=expected, actual=actual)
        return np.asarray(ids, np.int64)

    def _written(self, text: str) -> str:
        """The phrase as the model was trained to read it."""
        is_marked = text.lower().startswith(SEMANTIC)
        said = text[len(SEMANTIC) :].strip() if is_marked else text
        if not self._sentence:
            return said
        return " ".join(_STOPS.sub(" ", said.lower()).split()) + "."


def _unusable(folder: Path, actual: object) -> WeightsError:
    expected = f"{', '.join(VOCABULARIES[:-1])} or {VOCABULARIES[-1]} beside the weights"
    return WeightsError("tokenizer", expected=expected, actual=actual, path=folder)
