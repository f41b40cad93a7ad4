"""Names of classifier classes as word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import DataError
from biprompt.zoo.words import UNKNOWN, WordTable, split_words

HEAD_WEIGHT = 2.0
"""The last word of a name says what it is ("tiger shark"); it counts this much."""


def read_class_names(path: Path, count: int) -> list[str]:
    """One name a line, synonyms after commas.

    Raises:
        DataError: the file cannot be read, or holds another number of lines.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except OSError as error:
        raise DataError("class names", expected="a text file", actual=error, path=path) from error
    if len(lines) != count:
        raise DataError("class names", expected=f"{count} lines", actual=len(lines), path=path)
    return lines


def class_vectors(names: Sequence[str], table: WordTable) -> NDArray[np.float32]:
    """Word vectors ``(N, 96)`` of class names: of the first synonym with a known word.

    Unit length; zeros where no word is known.
    """
    vectors = [_vector(name, table) for name in names]
    return np.stack(vectors).astype(np.float32)


def _vector(name: str, table: WordTable) -> NDArray[np.float32]:
    for synonym in name.split(","):
        ids = table.tokenize(synonym).ids
        known = table.vectors(ids[ids != UNKNOWN])
        if len(known):
            weight = np.ones(len(known))
            weight[-1] = HEAD_WEIGHT
            mean = weight @ known
            return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)
    return np.zeros(table.vectors([]).shape[1], np.float32)


def head_words(names: Sequence[str]) -> set[str]:
    """The last word of every synonym: words the classifier knows by sight."""
    return {words[-1] for name in names for part in name.split(",") if (words := split_words(part))}
