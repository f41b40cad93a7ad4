"""The phrases of a sample: written for a scene, as word vectors and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.colours import colour_name
from biprompt.data.expressions import Expression, ExpressionBuilder, SceneObject
from biprompt.data.scenes import Scene
from biprompt.zoo.words import WordTable

STRIDE = 4
MAX_WORDS = 12
"""Longer phrases are not trained on."""
COLOUR_PIXELS = 256
"""Pixels of an object that are looked at for its colour."""
PRESENT_FIRST = 0.8
"""Share of the samples in which phrases for what is there come first, and so are decoded."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """One phrase.

    Attributes:
        ids: ``(L,)`` rows of the word table.
        rows: masks of the scene that it names; none for what is not there.
        text: as it was written.
    """

    ids: NDArray[np.int32]
    rows: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class PhraseWriter:
    """Writes the phrases of samples.

    Attributes:
        builder: writes expressions for labelled objects.
        words: word vectors.
        count: phrases of a sample.
        absent_rate: share of them for what is not there.
    """

    builder: ExpressionBuilder
    words: WordTable
    count: int
    absent_rate: float

    def arrays(self, scene: Scene, rng: np.random.Generator) -> Arrays:
        """``words``, ``lengths``, ``said``, ``presence``, ``meant`` and ``one`` of ``collate``."""
        cells = (scene.image.shape[0] // STRIDE, scene.image.shape[1] // STRIDE)
        words = np.zeros((self.count, MAX_WORDS, self.words.codes.shape[1]), np.float32)
        lengths = np.ones(self.count, np.float32)
        said, presence = np.zeros(self.count, np.float32), np.zeros(self.count, np.float32)
        meant, one = (np.zeros((self.count, *cells), np.uint8) for _ in range(2))
        for i, phrase in enumerate(self.phrases(scene, rng)):
            words[i, : len(phrase.ids)] = self.words.vectors(phrase.ids)
            lengths[i], said[i] = len(phrase.ids), 1.0
            if phrase.rows:
                presence[i] = 1.0
                meant[i] = covered(np.logical_or.reduce(scene.masks[list(phrase.rows)]))
                one[i] = covered(scene.masks[int(rng.choice(phrase.rows))])
        return {
            "words": words, "lengths": lengths, "said": said, "presence": presence,
            "meant": meant, "one": one,
        }  # fmt: skip

    def phrases(self, scene: Scene, rng: np.random.Generator) -> list[Said]:
        """At most ``count`` phrases; those with a word the table does not hold are dropped."""
        named = [i for i, label in enumerate(scene.labels) if label and label not in scene.hidden]
        written = self._written(scene, named, rng)
        if rng.random() < PRESENT_FIRST:
            written.sort(key=lambda e: not e.targets)
        found = []
        for expression in written:
            ids = self.words.tokenize(expression.text).ids
            if 0 < len(ids) <= MAX_WORDS and (ids >= 0).all():
                rows = tuple(named[t] for t in expression.targets)
                found.append(Said(ids, rows, expression.text))
        return found

    def _written(
        self, scene: Scene, named: Sequence[int], rng: np.random.Generator
    ) -> list[Expression]:
        doubtful = self._names(scene.hidden)
        known = scene.known - doubtful
        if not named and not known:
            return []
        allowed = known if scene.mixed else self._all_names(scene) - doubtful
        objects = [scene_object(scene, i) for i in named]
        hw = (scene.image.shape[0], scene.image.shape[1])
        return self.builder.build(
            objects, hw, rng, self.count, known, self.absent_rate, allowed=allowed
        )

    def _all_names(self, scene: Scene) -> frozenset[str]:
        return frozenset(self.builder.vocabulary.names).union(
            label for label in scene.labels if label
        )

    def _names(self, labels: frozenset[str]) -> frozenset[str]:
        """All names that may mean one of the labels, or something too like it."""
        by_label = self.builder.vocabulary.by_label
        close = self.builder.vocabulary.too_close(labels)
        return frozenset(name.text for label in close for name in by_label.get(label, ()))


def scene_object(scene: Scene, row: int) -> SceneObject:
    """What the expression builder is told of a mask that is not empty."""
    mask = scene.masks[row]
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (float(xs[0]), float(ys[0]), float(xs[-1] + 1), float(ys[-1] + 1))
    colour = None
    if scene.things[row]:
        pixels = scene.image[mask]
        colour = colour_name(pixels[:: max(1, len(pixels) // COLOUR_PIXELS)])
    label = scene.labels[row] or ""
    return SceneObject(label, box, float(mask.sum()), colour, scene.things[row], scene.many[row])


def covered(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Covered sixteenths of each 4x4 cell of a mask ``(H, W)``: ``(H/4, W/4)``, 0 to 16."""
    h, w = mask.shape
    blocks = mask.reshape(h // STRIDE, STRIDE, w // STRIDE, STRIDE)
    return np.asarray(blocks.sum((1, 3), dtype=np.uint8))
