"""Phrases as the token ids of BEiT-3, straight from its sentencepiece model.

The ids are those of XLM-RoBERTa's tokenizer: ``piece + 1``, because fairseq put ``<pad>`` between
``<s>`` and ``</s>``; that class itself is not used, as it silently builds an empty vocabulary when
it is given the model as a file.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from biprompt.errors import MissingExtraError, PromptError, WeightsError

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

Ids = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

START, PAD, END, UNKNOWN = 0, 1, 2, 3
MAX_TOKENS = 1022
"""What BEiT-3 has text positions for, `<s>` and `</s>` counted."""
_OFFSET = 1
_UNKNOWN_PIECE, _START_PIECE, _END_PIECE = 0, 1, 2


class Tokenizer:
    """Cuts phrases into pieces. Immutable, so that threads may share one.

    A phrase is taken as it is: whether to strip it or write it in lower case is the caller's
    choice. The words ``<s>``, ``</s>`` and ``<pad>`` in a phrase are ordinary text.
    """

    def __init__(self, processor: SentencePieceProcessor) -> None:
        """Use a model that is loaded already; see `from_file`."""
        self._processor = processor

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Tokenizer:
        """Read a sentencepiece model: `beit3.spm`, or `sentencepiece.bpe.model` of a checkpoint.

        Raises:
            MissingExtraError: sentencepiece is not installed.
            WeightsError: the file is missing, is no sentencepiece model, or numbers its control
                pieces in another way.
        """
        library = _sentencepiece()
        try:
            processor = library.SentencePieceProcessor(model_proto=Path(path).read_bytes())
        except (OSError, RuntimeError) as error:
            raise _unusable(path, f"{type(error).__name__}: {error}") from error
        control = processor.unk_id(), processor.bos_id(), processor.eos_id()
        if control != (_UNKNOWN_PIECE, _START_PIECE, _END_PIECE):
            raise _unusable(path, f"<unk>, <s>, </s> at {control}")
        return cls(processor)

    @property
    def vocab_size(self) -> int:
        """One more than the highest id; the rows a word embedding needs at least."""
        return int(self._processor.get_piece_size()) + _OFFSET

    def encode(self, text: str, max_tokens: int = MAX_TOKENS) -> Ids:
        """Return ``<s>``, the pieces of `text`, ``</s>`` as ``(T,)`` int64 ids.

        Raises:
            PromptError: there are more than `max_tokens`; a phrase is never cut short.
        """
        pieces = np.asarray(self._processor.encode(text), np.int64)
        count = pieces.size + 2
        if count > max_tokens:
            raise PromptError(
                "phrase", expected=f"at most {max_tokens} tokens", actual=f"{count} tokens"
            )
        ids = np.where(pieces == _UNKNOWN_PIECE, UNKNOWN, pieces + _OFFSET)
        return np.concatenate(([START], ids, [END]), dtype=np.int64)


def _sentencepiece() -> ModuleType:
    try:
        import sentencepiece
    except ImportError:
        raise MissingExtraError("torch", "cutting a phrase into tokens") from None
    library: ModuleType = sentencepiece
    return library


def _unusable(path: str | os.PathLike[str], actual: str) -> WeightsError:
    return WeightsError(
        "tokenizer",
        expected="a sentencepiece model with <unk>, <s>, </s> at 0, 1, 2",
        actual=actual,
        path=path,
    )
