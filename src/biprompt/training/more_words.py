"""Adds words to the space of a word table: the same encoder, the same templates, the same axes.

The table of the embedded model must not change, as its ids are what the model was trained with.
So further words get a table of their own. The way from the encoder's 384 dimensions to the 96 of
the table is fitted by least squares on words that the table holds.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from biprompt.errors import DataError
from biprompt.io.files import atomic_write, check_writable
from biprompt.training.words import TEMPLATES, Array, embed_texts
from biprompt.zoo.words import CONTROL_WORDS, SEMANTIC, WordTable, split_words

_EVERY = 6
"""Every which word of the table is embedded again for the fit."""
_RIDGE = 1e-3
_FEWEST = 100


def build_more_words(
    out: str | Path, words: Iterable[str], base: WordTable, *, force: bool = False
) -> WordTable:
    """Write a table of `words` in the space of `base`; those that `base` holds are left out.

    Raises:
        DataError: no word is left.
        MissingExtraError: torch, transformers or the sentence encoder is not installed.
        OutputError: `out` exists or cannot be written.
    """
    check_writable(out, force=force)
    new = sorted({w for w in words if re.fullmatch(r"[a-z]{2,}", w) and w not in base.index})
    if not new:
        raise DataError("words to add", expected="a word the table lacks", actual="none")
    known = [w for w in base.words if w not in CONTROL_WORDS and w != SEMANTIC][::_EVERY]
    table = WordTable.from_vectors(new, _into_space(new, known, base))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "words.npz"
        table.save(whole)
        atomic_write(out, whole.read_bytes(), force=force)
    return table


def read_words(paths: Iterable[Path]) -> set[str]:
    """Return the words of text files.

    Raises:
        DataError: a file cannot be read.
    """
    found = set[str]()
    for path in paths:
        try:
            found |= set(split_words(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise DataError("words", expected="a text file", actual=error, path=path) from error
    return found


def _into_space(new: Sequence[str], known: Sequence[str], base: WordTable) -> Array:
    """Return vectors of `new`, (N, 96) float32, in the space of `base`."""
    if len(known) < _FEWEST:
        raise DataError("table", expected=f"{_FEWEST} words for the fit or more", actual=len(known))
    full = _in_templates([*known, *new], len(known))
    x = np.hstack([full, np.ones((len(full), 1), np.float32)]).astype(np.float64)
    seen, y = x[: len(known)], base.vectors([base.index[w] for w in known])
    way = np.linalg.solve(seen.T @ seen + _RIDGE * np.eye(x.shape[1]), seen.T @ y)
    return np.asarray(x[len(known) :] @ way, np.float32)


def _in_templates(words: Sequence[str], known: int) -> Array:
    """Mean embedding over the templates; each template's mean over the known words is taken off."""
    total = np.zeros((len(words), 0), np.float32)
    for template in TEMPLATES:
        embedded = embed_texts([template.format(word) for word in words])
        centred = embedded - embedded[:known].mean(axis=0)
        total = centred if not total.size else total + centred
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True), np.float32)
