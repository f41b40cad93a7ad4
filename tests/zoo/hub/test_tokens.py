"""Phrases as ids, from the files of a folder alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the models of transformers need torch")
pytest.importorskip("transformers", reason="the tokenizers are its own")

from tests.runtime.hub.words import tiny

from biprompt.errors import PromptError, WeightsError
from biprompt.zoo.hub import HubFamily
from biprompt.zoo.hub.tokens import HubTokenizer

START, END = 598, 599
A = ord("a") - 33


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> HubTokenizer:
    folder = tmp_path_factory.mktemp("clip")
    tiny.clip_tokenizer(folder)
    return HubTokenizer(folder, HubFamily.CLIPSEG, 8, 600)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> HubTokenizer:
    folder = tmp_path_factory.mktemp("bert")
    tiny.bert_tokenizer(folder)
    return HubTokenizer(folder, HubFamily.GROUNDING_DINO, 9, 1040)


def test_letters_by_hand(clip: HubTokenizer) -> None:
    ids = clip.encode("ab c")
    assert ids.dtype == np.int64
    assert ids.tolist() == [START, A, 94 + A + 1, 94 + A + 2, END]


def test_the_mark_is_not_read(clip: HubTokenizer, bert: HubTokenizer) -> None:
    for one, text in ((clip, "abc"), (bert, "a cat")):
        assert one.encode(f"[semantic] {text}").tolist() == one.encode(text).tolist()


def test_a_long_phrase_is_refused_and_never_cut(clip: HubTokenizer, bert: HubTokenizer) -> None:
    assert len(clip.encode("abcdef")) == 8
    with pytest.raises(PromptError, match="phrase: expected at most 8 tokens, got 9 tokens"):
        clip.encode("abcdefg")
    with pytest.raises(PromptError, match="expected at most 9 tokens, got 10 tokens"):
        bert.encode("a cat " * 3 + "a")


@pytest.mark.parametrize("text", ["A red cat", "a red cat.", " a  RED cat . ", "a red? cat"])
def test_grounding_dino_reads_one_sentence(bert: HubTokenizer, text: str) -> None:
    assert bert.encode(text).tolist() == [101, 1030, 1031, 1032, 1012, 102]


def test_a_stop_inside_does_not_begin_another_phrase(bert: HubTokenizer) -> None:
    assert bert.encode("St. cat").tolist() == [101, 1034, 1032, 1012, 102]


def test_missing_files_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as told:
        HubTokenizer(tmp_path, HubFamily.CLIPSEG, 77, 600)
    line = str(told.value)
    assert "tokenizer.json, vocab.json or vocab.txt beside the weights, got none of them" in line
    assert str(tmp_path) in line and "\n" not in line


def test_damaged_files_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(WeightsError, match=r"tokenizer: expected tokenizer.json") as told:
        HubTokenizer(tmp_path, HubFamily.CLIPSEG, 77, 600)
    assert "\n" not in str(told.value)


def test_more_words_than_the_model_has(tmp_path: Path) -> None:
    tiny.clip_tokenizer(tmp_path)
    with pytest.raises(WeightsError, match="600 words, and the model has 500"):
        HubTokenizer(tmp_path, HubFamily.CLIPSEG, 77, 500)
