from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import InputError, PromptError, WeightsError
from biprompt.zoo.words import DEFAULT_PATH, MAX_WORDS, SEMANTIC, WORD_DIM, WordTable, split_words


@pytest.fixture(scope="module")
def table() -> WordTable:
    return WordTable.load()


@pytest.fixture(scope="module")
def known(table: WordTable) -> np.ndarray:
    return table.vectors([table.find(word) for word in load_vocabulary().head_words()])


def _cosine(table: WordTable, a: str, b: str) -> float:
    one, two = table.vectors([table.find(a), table.find(b)])
    return float(one @ two)


def test_the_shipped_table_is_small_and_quick_to_load() -> None:
    assert DEFAULT_PATH.stat().st_size <= 2_500_000
    best = min(_load_seconds() for _ in range(5))
    assert best < 0.1  # 5 ms where nothing else runs


def _load_seconds() -> float:
    start = time.perf_counter()
    WordTable.load()
    return time.perf_counter() - start


def test_vectors_have_unit_length_and_unknown_words_none(table: WordTable) -> None:
    every = table.vectors(np.arange(len(table.words)))
    assert every.shape == (len(table.words), WORD_DIM) and every.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(every, axis=1), 1, atol=2e-3)
    assert not table.vectors([-1]).any()
    assert table.vectors([]).shape == (0, WORD_DIM)


@pytest.mark.parametrize("row", [-2, 10**6])
def test_an_id_outside_the_table_is_refused(table: WordTable, row: int) -> None:
    with pytest.raises(InputError, match="word id"):
        table.vectors([row])


@pytest.mark.parametrize(
    ("phrase", "words", "dropped"),
    [
        ("The red CUP.", ("red", "cup"), ("the",)),
        ("a photo of the dog's tail", ("photo", "of", "dog", "tail"), ("a", "the")),
        ("the dogs\u2019 bowls", ("dogs", "bowls"), ("the",)),
        ("[Semantic] dog", (SEMANTIC, "dog"), ()),
        ("blow-dryer", ("blow", "dryer"), ()),
        ("a T-shirt", ("tshirt",), ("a",)),
        ("2nd cup", ("second", "cup"), ()),
        ("\uff24\uff2f\uff27", ("dog",), ()),
        ("...", (), ()),
    ],
)
def test_phrases_are_normalised(
    table: WordTable, phrase: str, words: tuple[str, ...], dropped: tuple[str, ...]
) -> None:
    tokens = table.tokenize(phrase)
    assert (tokens.words, tokens.dropped) == (words, dropped)
    assert tokens.ids.dtype == np.int32 and tokens.ids.shape == (len(words),)


def test_inflected_words_fall_back_to_plain_ones() -> None:
    plain = ["cup", "leaf", "run", "hike", "berry", "box", "cafe", "fast"]
    table = WordTable.from_vectors(plain, np.eye(len(plain), WORD_DIM, dtype=np.float32))
    forms = "cups leaves running hiking berries boxes caf\u00e9 faster"
    assert [plain[i] for i in table.tokenize(forms).ids] == plain
    assert table.tokenize("sing").ids.tolist() == [-1]


@pytest.mark.parametrize("phrase", ["xqzt", "\u732b", "\u043a\u043e\u0448\u043a\u0430", "zzzzs"])
def test_gibberish_and_other_scripts_are_unknown(
    table: WordTable, known: np.ndarray, phrase: str
) -> None:
    tokens = table.tokenize(phrase)
    assert (tokens.ids == -1).all() and not table.understood(tokens, known)


def test_a_phrase_is_never_cut_short(table: WordTable) -> None:
    assert len(table.tokenize("the " + "dog " * MAX_WORDS).words) == MAX_WORDS
    with pytest.raises(PromptError, match="at most 32 words"):
        table.tokenize("dog " * (MAX_WORDS + 1))


@given(st.text(max_size=60))
def test_any_text_is_cut_into_clean_words(text: str) -> None:
    for word in split_words(text):
        assert word == SEMANTIC or (word.isalnum() and not any(c.isspace() for c in word))


@pytest.mark.parametrize(
    ("word", "label", "other"),
    [
        ("puppy", "dog", "cat"),
        ("kitty", "cat", "dog"),
        ("automobile", "car", "boat"),
        ("sofa", "couch", "toilet"),
        ("lorry", "truck", "knife"),
        ("forceps", "tool", "fork"),
        ("denim", "jeans", "hat"),
    ],
)
def test_a_word_lies_near_what_it_means(
    table: WordTable, word: str, label: str, other: str
) -> None:
    assert _cosine(table, word, label) > max(0.5, _cosine(table, word, other))


@pytest.mark.parametrize(
    ("one", "two"),
    [("left", "right"), ("top", "bottom"), ("first", "second"), ("biggest", "smallest")],
)
def test_opposite_words_are_told_apart(table: WordTable, one: str, two: str) -> None:
    assert _cosine(table, one, two) < 0.7


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("the puppy", True),
        ("lorry on the left", True),
        ("a photo of the red cup", True),
        ("[semantic] sofa", True),
        ("quantum", False),
        ("democracy", False),
        ("the red one on the left", False),
        ("[semantic]", False),
        ("the biggest of them all", False),
    ],
)
def test_understood(table: WordTable, known: np.ndarray, phrase: str, expected: bool) -> None:
    tokens = table.tokenize(phrase)
    assert table.understood(tokens, known) is expected
    assert not table.understood(tokens, known[:0])


def test_a_table_survives_the_disk(table: WordTable, tmp_path: Path) -> None:
    path = tmp_path / "words.npz"
    table.save(path)
    again = WordTable.load(path)
    assert again.words == table.words
    np.testing.assert_array_equal(again.codes, table.codes)


@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "other"])
def test_a_damaged_table_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "words.npz"
    data = DEFAULT_PATH.read_bytes()
    if damage == "other":
        np.savez(path, words=np.zeros(3, np.uint8))
    elif damage != "missing":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    with pytest.raises(WeightsError, match="word table"):
        WordTable.load(path)


def test_tables_that_do_not_fit_together_are_refused(table: WordTable, tmp_path: Path) -> None:
    path = tmp_path / "words.npz"
    WordTable(table.words[:-1], table.codes, table.scales, {}).save(path)
    with pytest.raises(WeightsError, match="codes"):
        WordTable.load(path)


def test_every_word_of_the_vocabulary_is_in_the_table(table: WordTable) -> None:
    texts = {t for n in load_vocabulary().names.values() for t in (n.text, n.plural)}
    unknown = {t for t in texts if (table.tokenize(t).ids < 0).any()}
    assert not unknown


def test_the_table_needs_numpy_only() -> None:
    code = "import sys, biprompt.zoo.words; print({'torch', 'scipy', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
