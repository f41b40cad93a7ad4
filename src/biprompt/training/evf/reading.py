"""How phrases become token ids: the tokenizer that belongs to the weights, or one made here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import WeightsError
from biprompt.training.evf.clip import ClipTokens
from biprompt.training.evf.data.stream import Stream
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.sizes import FirstFiles
from biprompt.training.evf.vocabulary import write_vocabulary
from biprompt.zoo.folders import TOKENIZER, tokenizer_beside
from biprompt.zoo.tokenizer import Tokenizer

_SAID, _SAID_EACH = 2000, 20
"""Samples whose phrases the vocabulary of a tiny network is made from: at most, and a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """A tokenizer.

    Attributes:
        encode: a phrase as ``(T,)`` int64 ids.
        vocabulary: how many ids there are.
        file: sentencepiece model; None for that of CLIP.
    """

    encode: Callable[[str], NDArray[np.int64]]
    vocabulary: int
    file: Path | None


def open_words(
    recipe: EvfRecipe, files: FirstFiles, folder: Path, stream: Stream, *, keep: bool
) -> Words:
    """The tokenizer of the weights; for a tiny network one of its own, in a folder.

    Args:
        recipe: of the run.
        files: what it starts from.
        folder: where a tokenizer is made.
        stream: what is said in training.
        keep: one that is there is the run's own.

    Raises:
        WeightsError: no tokenizer belongs to the weights, or it is damaged.
    """
    if recipe.encoder == "clip" and files.clip is not None:
        own = ClipTokens(files.clip)
        return Words(own.encode, own.vocab_size, None)
    path = files.tokenizer or _file(recipe, files, folder, stream, keep=keep)
    tokenizer = Tokenizer.from_file(path)
    return Words(tokenizer.encode, tokenizer.vocab_size, path)


def _file(
    recipe: EvfRecipe, files: FirstFiles, folder: Path, stream: Stream, *, keep: bool
) -> Path:
    if recipe.size != "tiny":
        return _beside(files)
    own = folder / TOKENIZER
    if not (keep and own.exists()):
        count = min(_SAID, _SAID_EACH * sum(map(len, stream.sources)))
        said = (phrase for n in range(count) for phrase in stream.sample(n).phrases)
        write_vocabulary(own, said, recipe.tiny_words)
    return own


def _beside(files: FirstFiles) -> Path:
    """The sentencepiece model that lies with the weights."""
    beside = files.start or files.beit3
    found = None if beside is None else tokenizer_beside(beside)
    if found is None:
        expected = "--tokenizer beit3.spm, or one beside the weights"
        raise WeightsError("tokenizer", expected=expected, actual="none", path=beside)
    return found
