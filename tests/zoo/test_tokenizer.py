"""Phrases as ids, by a sentencepiece model that is trained here."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.errors import MissingExtraError, PromptError, WeightsError
from biprompt.models.beit3 import Beit3Config
from biprompt.zoo.tokenizer import MAX_TOKENS, Tokenizer

PHRASES = [
    "the red cup on the left",
    "a dog with a ball",
    "person in blue, second from right",
    "[semantic] sky",
    "the umbrella closest to the camera",
    "Zebra behind 2 cars!",
]
STRANGE = [
    "",
    "   ",
    "Ünïcode café",
    "日本語",
    "</s> <s> <pad> <mask>",
    "the  red\tcup",
    "\uff43\uff55\uff50",
]


def trained(**options: Any) -> bytes:
    """A tiny unigram model whose control pieces stand as in `beit3.spm`."""
    sentencepiece = pytest.importorskip("sentencepiece")
    model = io.BytesIO()
    settings = {"vocab_size": 70, "model_type": "unigram", "hard_vocab_limit": False} | options
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(PHRASES * 20), model_writer=model, minloglevel=2, **settings
    )
    return model.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as published: the model under the name that transformers looks for."""
    folder = tmp_path_factory.mktemp("tokenizer")
    (folder / "sentencepiece.bpe.model").write_bytes(trained())
    return folder


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(folder / "sentencepiece.bpe.model")


@pytest.mark.parametrize("phrase", PHRASES + [p for p in STRANGE if "<" not in p])
def test_same_ids_as_transformers(tokenizer: Tokenizer, folder: Path, phrase: str) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.XLMRobertaTokenizer.from_pretrained(str(folder))
    assert tokenizer.encode(phrase).tolist() == theirs(phrase)["input_ids"]


def test_ids_are_pieces_plus_one(tokenizer: Tokenizer, folder: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    model = str(folder / "sentencepiece.bpe.model")
    pieces = sentencepiece.SentencePieceProcessor(model_file=model).encode(PHRASES[0])
    ids = tokenizer.encode(PHRASES[0])
    assert ids.dtype == np.int64
    assert ids.tolist() == [0, *(piece + 1 for piece in pieces), 2]
    assert min(pieces) > 2


def test_unknown_is_three(tokenizer: Tokenizer) -> None:
    assert 3 in tokenizer.encode("日本語")
    assert 3 not in tokenizer.encode(PHRASES[0])


def test_control_words_in_a_phrase_are_text(tokenizer: Tokenizer) -> None:
    """A phrase cannot end itself early."""
    inner = tokenizer.encode("</s> <s> <pad>")[1:-1]
    assert not set(inner.tolist()) & {0, 1, 2}


def test_case_is_the_caller_s_choice(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("Zebra").tolist() != tokenizer.encode("zebra").tolist()


def test_too_long(tokenizer: Tokenizer) -> None:
    count = len(tokenizer.encode(PHRASES[0]))
    assert len(tokenizer.encode(PHRASES[0], max_tokens=count)) == count
    with pytest.raises(PromptError) as caught:
        tokenizer.encode(PHRASES[0], max_tokens=count - 1)
    assert str(caught.value) == (f"phrase: expected at most {count - 1} tokens, got {count} tokens")


def test_the_usual_limit_is_that_of_beit3(tokenizer: Tokenizer) -> None:
    assert Beit3Config().max_text_tokens == MAX_TOKENS
    with pytest.raises(PromptError, match="at most 1022 tokens"):
        tokenizer.encode("cup " * 1021)


def test_vocabulary_covers_every_id(tokenizer: Tokenizer, folder: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    model = str(folder / "sentencepiece.bpe.model")
    size = sentencepiece.SentencePieceProcessor(model_file=model).get_piece_size()
    assert tokenizer.vocab_size == size + 1


def test_missing_file(tmp_path: Path) -> None:
    pytest.importorskip("sentencepiece")
    with pytest.raises(WeightsError, match="sentencepiece model") as caught:
        Tokenizer.from_file(tmp_path / "none.spm")
    assert caught.value.path == str(tmp_path / "none.spm")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 100])
def test_damaged_file(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("sentencepiece")
    path = tmp_path / "bad.spm"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="sentencepiece model"):
        Tokenizer.from_file(path)


def test_other_control_pieces_are_refused(tmp_path: Path) -> None:
    """T5's order: with it the ids would be silently wrong."""
    path = tmp_path / "t5.spm"
    path.write_bytes(trained(pad_id=0, eos_id=1, unk_id=2, bos_id=-1))
    with pytest.raises(WeightsError, match=r"<unk>, <s>, </s> at \(2, -1, 1\)"):
        Tokenizer.from_file(path)


def test_without_sentencepiece(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingExtraError, match=r"biprompt\[torch\]"):
        Tokenizer.from_file(folder / "sentencepiece.bpe.model")
