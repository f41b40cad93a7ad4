"""A small vocabulary for a network with a random start: pieces of the phrases of its data."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from biprompt.errors import DataError, MissingExtraError
from biprompt.io.files import atomic_write

ALWAYS = "abcdefghijklmnopqrstuvwxyz0123456789-',.[]"
"""Characters that have a piece even where no phrase holds them."""


def write_vocabulary(path: Path, phrases: Iterable[str], pieces: int) -> None:
    """Train a sentencepiece model whose control pieces stand as in BEiT-3's.

    Args:
        path: the file; it is replaced.
        phrases: what is said in training.
        pieces: how many there are at most.

    Raises:
        DataError: there are no phrases.
        MissingExtraError: sentencepiece is not installed.
        OutputError: the file cannot be written.
    """
    try:
        from sentencepiece import SentencePieceTrainer
    except ImportError:
        raise MissingExtraError("train", "making a vocabulary") from None
    said = sorted(set(phrases))
    if not said:
        raise DataError("vocabulary", expected="phrases to make it from", actual="none")
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter([*said, " ".join(ALWAYS)]), model_writer=model,
        vocab_size=pieces, model_type="unigram", hard_vocab_limit=False, num_threads=1,
        required_chars=ALWAYS, character_coverage=1.0, minloglevel=2,
    )  # fmt: skip
    atomic_write(path, model.getvalue(), force=True)
