"""Words as vectors: the table that carries a trained word to its neighbours.

The table is distilled from a sentence encoder (``biprompt.training.words`` builds it). A phrase
becomes the ids of its words; a word the table does not hold has id -1 and means nothing.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError, PromptError, WeightsError

WORD_DIM = 96
MAX_WORDS = 32
UNKNOWN = -1
SEMANTIC = "[semantic]"
UNDERSTOOD_COSINE = 0.5
DEFAULT_PATH = Path(__file__).parent / "data" / "words.npz"


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


POSITION_WORDS = _word_set(
    "left right top bottom middle center centre central upper lower leftmost rightmost topmost "
    "bottommost uppermost lowest front back side corner edge nearest closest near next beside "
    "above below under behind between far farthest beneath over upward middlemost"
)
ORDINAL_WORDS = _word_set("first second third fourth fifth sixth last one two three four five six")
SIZE_WORDS = _word_set(
    "big bigger biggest large larger largest small smaller smallest tall taller tallest short "
    "shorter tiny huge little long wide"
)
COLOUR_WORDS = _word_set(
    "red orange yellow green blue purple violet pink brown black white gray grey"
)
FUNCTION_WORDS = _word_set(
    "of in on at to from with by and or not no is are was be it its this that these those all "
    "every each any some my your his her their our me us we you they he she him them who which "
    "what where there here please segment select find show mask cut out photo picture image "
    "photograph pair only other another thing things stuff object objects item something for as "
    "into up down off can could would do does has have i"
)
CONTROL_WORDS = POSITION_WORDS | ORDINAL_WORDS | SIZE_WORDS
_ARTICLES = frozenset({"a", "an", "the"})
_NUMBERS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
            "1": "one", "2": "two", "3": "three", "4": "four", "5": "five"}  # fmt: skip
_TEE_SHIRT = re.compile(r"\bt[\s-]+shirt")
_POSSESSIVE = re.compile(r"['\u2019\u02bc]s?(?=\W|$)")
_PIECES = re.compile(r"\[semantic\]|[^\W_]+")
_ENDINGS = (
    ("ies", ("y", "ie")),
    ("ves", ("f", "fe")),
    ("es", ("", "e")),
    ("s", ("",)),
    ("ing", ("", "e")),
    ("ed", ("", "e")),
    ("er", ("", "e")),
    ("est", ("", "e")),
    ("ly", ("",)),
)
_MIN_STEM = 3


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words of a phrase.

    Attributes:
        words: the words as they were looked up, in order.
        ids: (N,) int32, row of each word in the table, -1 where the table does not hold it.
        dropped: words left out because they carry no meaning here (articles).
    """

    words: tuple[str, ...]
    ids: npt.NDArray[np.int32]
    dropped: tuple[str, ...]


def split_words(phrase: str) -> list[str]:
    """Return the normalised words of `phrase`: NFKC, case folded, no punctuation, hyphens split.

    ``[semantic]`` stays one word; a possessive ``'s`` is dropped; "t-shirt" is "tshirt".
    """
    text = unicodedata.normalize("NFKC", phrase).casefold()
    text = _POSSESSIVE.sub("", _TEE_SHIRT.sub("tshirt", text))
    return [_NUMBERS.get(word, word) for word in _PIECES.findall(text)]


def _stems(word: str) -> Iterator[str]:
    for ending, endings in _ENDINGS:
        if not word.endswith(ending):
            continue
        stem = word[: len(word) - len(ending)]
        if len(stem) < _MIN_STEM - 1:
            continue
        for tail in endings:
            yield stem + tail
        if len(stem) >= _MIN_STEM and stem[-1] == stem[-2]:
            yield stem[:-1]


def word_forms(word: str) -> Iterator[str]:
    """Yield `word`, then the forms to try in its place: no accents, singular, plain verb."""
    yield word
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    if plain != word:
        yield plain
    if plain.isascii():
        yield from _stems(plain)


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """A frozen table of word vectors.

    Attributes:
        words: the V words, lower case, row order.
        codes: (V, 96) int8; a vector is ``codes[i] * scales[i]`` and has unit length.
        scales: (V,) float32.
        index: word -> row.
    """

    words: tuple[str, ...]
    codes: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]
    index: dict[str, int]

    @classmethod
    def load(cls, path: str | Path | None = None) -> WordTable:
        """Read a table written by `WordTable.save`; None reads the one in the package.

        Raises:
            WeightsError: the file is missing or damaged.
        """
        source = DEFAULT_PATH if path is None else Path(path)
        try:
            with np.load(source, allow_pickle=False) as data:
                words = data["words"].tobytes().decode("utf-8").split("\n")
                codes, scales = data["codes"], data["scales"].astype(np.float32)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise WeightsError(
                "word table",
                expected="an .npz file with words, codes and scales",
                actual=f"{type(error).__name__}: {error}",
                path=str(source),
            ) from error
        wanted = (len(words), WORD_DIM)
        if codes.dtype != np.int8 or codes.shape != wanted or scales.shape != wanted[:1]:
            raise WeightsError(
                "word table",
                expected=f"codes {wanted} int8 and scales {wanted[:1]}",
                actual=f"{codes.shape} {codes.dtype} and {scales.shape}",
                path=str(source),
            )
        return cls(tuple(words), codes, scales, dict(zip(words, range(len(words)), strict=True)))

    @classmethod
    def from_vectors(cls, words: Iterable[str], vectors: npt.NDArray[np.float32]) -> WordTable:
        """Quantise `vectors` (V, 96), any length but zero, to one scale a word."""
        names = tuple(words)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        codes = np.rint(unit * (127 / np.abs(unit).max(axis=1, keepdims=True))).astype(np.int8)
        scales = (1 / np.linalg.norm(codes.astype(np.float32), axis=1)).astype(np.float32)
        return cls(names, codes, scales, {word: row for row, word in enumerate(names)})

    def save(self, path: str | Path) -> None:
        """Write the table as .npz (not compressed, so that it loads quickly)."""
        text = np.frombuffer("\n".join(self.words).encode("utf-8"), np.uint8)
        with open(path, "wb") as file:
            np.savez(file, words=text, codes=self.codes, scales=self.scales.astype(np.float16))

    def find(self, word: str) -> int:
        """Return the row of `word` or of its plainest known form, -1 when there is none."""
        return next((self.index[f] for f in word_forms(word) if f in self.index), UNKNOWN)

    def tokenize(self, phrase: str) -> Tokens:
        """Cut a phrase into words and look each up.

        Raises:
            PromptError: more than 32 words stay after articles are dropped.
        """
        found = split_words(phrase)
        words = tuple(w for w in found if w not in _ARTICLES)
        if len(words) > MAX_WORDS:
            raise PromptError(
                "phrase", expected=f"at most {MAX_WORDS} words", actual=f"{len(words)} words"
            )
        ids = np.array([self.find(w) for w in words], np.int32)
        return Tokens(words, ids, tuple(w for w in found if w in _ARTICLES))

    def vectors(self, ids: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Return the vectors of `ids` as (N, 96) float32 of unit length; zeros for id -1.

        Raises:
            InputError: an id is not a row of the table.
        """
        rows = np.asarray(ids, np.int64).reshape(-1)
        if rows.size and (rows.min() < UNKNOWN or rows.max() >= len(self.words)):
            raise InputError(
                "word id",
                expected=f"-1 to {len(self.words) - 1}",
                actual=f"{rows.min()} to {rows.max()}",
            )
        found = self.codes[rows] * self.scales[rows, None]
        found[rows < 0] = 0
        return found

    def similarities(
        self, tokens: Tokens, known: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Return, for each word, its highest cosine to a row of `known` ((K, 96), unit length).

        Words that carry no content (position, ordinal, size, colour, function words, unknown
        words) get -1, so that only things count.
        """
        if not tokens.words or not len(known):
            return np.full(len(tokens.words), -1, np.float32)
        best: npt.NDArray[np.float32] = (self.vectors(tokens.ids) @ known.T).max(axis=1)
        best[[i for i, word in enumerate(tokens.words) if not is_content(word)]] = -1
        best[tokens.ids < 0] = -1
        return best.astype(np.float32)

    def understood(
        self,
        tokens: Tokens,
        known: npt.NDArray[np.float32],
        threshold: float = UNDERSTOOD_COSINE,
    ) -> bool:
        """Return whether a content word of the phrase is near a word the model was trained on.

        `known` is (K, 96) float32, the unit vectors of the trained words.
        """
        return bool((self.similarities(tokens, known) >= threshold).any())


def is_content(word: str) -> bool:
    """Return whether `word` may name a thing ("orange" may; "left", "red" and "of" do not)."""
    if word == "orange":
        return True
    bare = CONTROL_WORDS | FUNCTION_WORDS | COLOUR_WORDS
    return word != SEMANTIC and word not in bare
