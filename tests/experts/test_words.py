"""From phrases to word vectors."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import PromptError
from biprompt.experts.words import PhraseReader
from biprompt.zoo.words import WordTable


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.load()


@pytest.fixture(scope="module")
def reader(table: WordTable) -> PhraseReader:
    return PhraseReader(table, ["cat", "dog", "zzxqv"])


def test_words_come_in_order(reader: PhraseReader, table: WordTable) -> None:
    phrase = reader.read("the red cat")
    wanted = table.vectors([table.find("red"), table.find("cat")])
    assert phrase.text == "the red cat" and phrase.understood and phrase.ignored == ()
    np.testing.assert_array_equal(phrase.tokens, wanted)


def test_word_near_a_known_one_is_understood(reader: PhraseReader) -> None:
    assert reader.read("kitten").understood


def test_unknown_words_are_left_out_and_named(reader: PhraseReader) -> None:
    phrase = reader.read("the zzxqv cat")
    assert phrase.understood and phrase.ignored == ("zzxqv",) and len(phrase.tokens) == 1


@pytest.mark.parametrize("text", ["zzxqv", "zzxqv qqwrtp", "the", "left", "!?", "猫"])
def test_phrase_without_a_known_thing_is_not_understood(reader: PhraseReader, text: str) -> None:
    assert not reader.read(text).understood


def test_model_that_knows_no_words_understands_nothing(table: WordTable) -> None:
    assert not PhraseReader(table, []).read("cat").understood


def test_33_words_are_refused(reader: PhraseReader) -> None:
    assert len(reader.read("cat " * 32).tokens) == 32
    with pytest.raises(PromptError, match="at most 32 words, got 33 words"):
        reader.read("cat " * 33)
