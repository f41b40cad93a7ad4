"""Further words in the space of a word table, with an encoder that is known."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import DataError
from biprompt.training import more_words
from biprompt.zoo.words import WORD_DIM, WordTable


def test_new_words_land_where_the_map_of_the_known_ones_puts_them(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(676)]
    full = {w: rng.normal(size=120).astype(np.float32) for w in [*words, "newword"]}
    full = {w: v / np.linalg.norm(v) for w, v in full.items()}
    way = rng.normal(size=(120, WORD_DIM)).astype(np.float32)
    base = WordTable.from_vectors(words, np.stack([full[w] for w in words]) @ way)

    def embed(texts):
        return np.stack([full[text.split()[-1]] for text in texts])

    monkeypatch.setattr(more_words, "embed_texts", embed)
    monkeypatch.setattr(more_words, "_EVERY", 1)
    table = more_words.build_more_words(tmp_path / "m.npz", ["newword", words[0]], base)
    assert table.words == ("newword",)
    wanted = full["newword"] @ way
    found = WordTable.load(tmp_path / "m.npz").vectors([0])[0]
    assert found @ wanted / np.linalg.norm(wanted) > 0.97


def test_nothing_new(tmp_path):
    base = WordTable.from_vectors(["cat"], np.ones((1, WORD_DIM), np.float32))
    with pytest.raises(DataError, match="a word the table lacks"):
        more_words.build_more_words(tmp_path / "m.npz", ["cat"], base)
    with pytest.raises(DataError, match="words for the fit"):
        more_words.build_more_words(tmp_path / "m.npz", ["dog"], base)
