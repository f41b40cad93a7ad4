"""Ask an image for every class, and return one map a class, in turns of bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from biprompt.geometry import ModelFrame
from biprompt.results import Segmentation
from biprompt.runtime.base import Float
from biprompt.segmenter.classes.composing import in_original
from biprompt.segmenter.classes.names import NamedClass
from biprompt.segmenter.classes.synonyms import Synonyms, joined, with_synonyms
from biprompt.segmenter.classes.templates import ensembled, worded

AT_ONCE = 16
"""Phrases of one call, so that their masks need little memory."""

Ask = Callable[[Sequence[str]], Sequence[Segmentation | str]]
"""Answers phrases about one image, never refusing; or says why a phrase could not be asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the model says to one phrase.

    Attributes:
        phrase: what was asked.
        values: (h, w) float32 in 0 to 1 on the model's canvas, or (H, W) where it gave an outline
            alone; None where nothing is outlined.
        presence: 0 to 1; None where the model gives none.
        confidence: 0 to 1, presence, or else the predicted IoU of the outline.
        understood: whether it knows a word of it.
        unread: why it could not be asked; empty where it could.
    """

    phrase: str
    values: Float | None = field(repr=False)
    presence: float | None = None
    confidence: float = 0.0
    understood: bool = True
    unread: str = ""

    @classmethod
    def of(cls, phrase: str, answer: Segmentation | str, *, soft: bool) -> Said:
        """Keep of an answer what a map is made of; with `soft` False the outline alone."""
        if isinstance(answer, str):
            return cls(phrase, None, unread=answer)
        values = answer.soft if soft else None
        if values is None and answer.mask.any():
            values = answer.mask.astype(np.float32)
        known = answer.card.text_understood is not False
        return cls(phrase, values, answer.presence, confidence_of(answer), known)


@dataclass(frozen=True, slots=True, eq=False)
class ClassMap:
    """What an image shows of one class.

    Attributes:
        place: of the class in the list, from 0.
        said: to each phrase, template by template within each word.
        values: as in `Said`, of all phrases together.
        presence: 0 to 1, of the word that is surest, mean over templates; None where not given.
        confidence: likewise.
    """

    place: int
    said: tuple[Said, ...] = field(repr=False)
    values: Float | None = field(repr=False)
    presence: float | None
    confidence: float

    @property
    def phrases(self) -> tuple[str, ...]:
        """What was asked."""
        return tuple(each.phrase for each in self.said)

    @property
    def understood(self) -> bool:
        """Whether the model knows a word of any phrase."""
        return any(each.understood and not each.unread for each in self.said)

    def spread(self, hw: tuple[int, int], frame: ModelFrame | None) -> Float:
        """Return its values over the original image, (H, W) float32; zeros where it has none."""
        if self.values is None:
            return np.zeros(hw, np.float32)
        if frame is None or self.values.shape == hw:
            return self.values
        return in_original(self.values, frame)


def class_maps(
    ask: Ask, classes: Sequence[NamedClass], templates: Sequence[str], synonyms: Synonyms, *,
    soft: bool = True, glance: Ask | None = None, threshold: float = 0.0,
) -> Iterator[ClassMap]:  # fmt: skip
    """Ask for every class, and yield its map, in order.

    Args:
        ask: answers phrases about the image.
        classes: what is asked for, in order.
        templates: the words around a name.
        synonyms: which further words are asked for.
        soft: whether maps hold values, or outlines alone.
        glance: as `ask`, faster and with a presence alone: classes whose presence is below the
            threshold are then not outlined. None outlines all.
        threshold: 0 to 1.
    """
    asking = _Asking(ask, glance, threshold, len(templates), soft)
    turn: list[tuple[int, list[str]]] = []
    for place, each in enumerate(classes):
        words = with_synonyms(each.words, synonyms)
        turn.append((place, [worded(t, word) for word in words for t in templates]))
        if sum(len(phrases) for _, phrases in turn) >= AT_ONCE:
            yield from asking.maps(turn)
            turn = []
    yield from asking.maps(turn)


@dataclass(frozen=True, slots=True, eq=False)
class _Asking:
    """How the classes of a turn are asked; see `class_maps`."""

    ask: Ask
    glance: Ask | None
    threshold: float
    templates: int
    soft: bool

    def maps(self, turn: Sequence[tuple[int, list[str]]]) -> list[ClassMap]:
        """The maps of some classes, given as place and phrases."""
        doubted: dict[int, ClassMap] = {}
        if self.glance is not None:
            seen = self._maps(self.glance, turn, soft=False)
            doubted = {
                each.place: replace(each, values=None)
                for each in seen
                if each.presence is not None and each.presence < self.threshold
            }
        rest = [item for item in turn if item[0] not in doubted]
        outlined = {each.place: each for each in self._maps(self.ask, rest, soft=self.soft)}
        found = doubted | outlined
        return [found[place] for place, _ in turn]

    def _maps(
        self, ask: Ask, turn: Sequence[tuple[int, list[str]]], *, soft: bool
    ) -> list[ClassMap]:
        every = list(dict.fromkeys(phrase for _, phrases in turn for phrase in phrases))
        said: dict[str, Said] = {}
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            for phrase, answer in zip(some, ask(some), strict=True):
                said[phrase] = Said.of(phrase, answer, soft=soft)
        return [
            _together(place, [said[phrase] for phrase in phrases], self.templates)
            for place, phrases in turn
        ]


def _together(place: int, said: Sequence[Said], templates: int) -> ClassMap:
    """The mean over the templates of each word, then the greatest over words."""
    words = [said[start : start + templates] for start in range(0, len(said), templates)]
    shapes = {one.values.shape for one in said if one.values is not None}
    values = None
    if len(shapes) == 1:
        (shape,) = shapes
        values = joined([_mean(word, shape) for word in words])
    elif shapes:  # some with values and some with an outline alone: the first word's count
        values = next(one.values for one in said if one.values is not None)
    presences = [[one.presence for one in word if one.presence is not None] for word in words]
    known = [float(np.mean(each)) for each in presences if each]
    confidence = max(float(np.mean([one.confidence for one in word])) for word in words)
    return ClassMap(place, tuple(said), values, max(known) if known else None, confidence)


def _mean(word: Sequence[Said], shape: tuple[int, ...]) -> Float:
    nothing = np.zeros(shape, np.float32)
    return ensembled([nothing if one.values is None else one.values for one in word])


def confidence_of(answer: Segmentation) -> float:
    """Return what a class competes with: presence, else the predicted IoU of its mask, else 0."""
    if answer.presence is not None:
        return float(answer.presence)
    card = answer.card
    if card.winner is None:
        return 0.0
    return float(np.clip(card.candidates[card.winner].score, 0, 1))
