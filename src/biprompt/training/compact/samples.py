"""Training samples: a scene becomes one crop, click targets and phrases.

A sample depends on ``(seed, index)`` alone, so that a resumed run sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from biprompt.data.colours import colour_name
from biprompt.data.expressions import Expression, ExpressionBuilder, SceneObject
from biprompt.data.profiles import flip_label
from biprompt.data.scenes import (
    Scene,
    draw_crop,
    jitter_colour,
    paste,
    side_by_side,
    take_crop,
)
from biprompt.training.compact.bank import SceneBank, connected_part
from biprompt.zoo.words import WordTable

STRIDE = 4
LEAST_CELLS = 8
"""Smallest target in cells of 4x4 pixels; what is smaller cannot be learnt at this stride."""

Sample = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """What a sample holds."""

    size: int = 256
    clicks: int = 2
    """Objects to click."""
    phrases: int = 4
    """Phrases to ground; the first is decoded too."""
    max_words: int = 12
    absent_rate: float = 0.35
    paste_rate: float = 0.25
    mosaic_rate: float = 0.1


class CompactSamples(Dataset[Sample]):
    """Endless samples by index.

    Args:
        bank: where scenes come from.
        builder: writes expressions for a scene.
        words: word vectors.
        spec: what a sample holds.
        seed: first half of every sample's seed.
        first: index of the first sample (a resumed run starts where it stopped).
        count: how many there are.
    """

    def __init__(
        self, bank: SceneBank, builder: ExpressionBuilder, words: WordTable, spec: SampleSpec,
        *, seed: int, first: int = 0, count: int = 1 << 40,
    ) -> None:  # fmt: skip
        self.bank, self.builder, self.words, self.spec = bank, builder, words, spec
        self.seed, self.first, self.count = seed, first, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Sample:
        """The sample: see :func:`collate` for its arrays."""
        rng = np.random.default_rng((self.seed, self.first + index))
        while True:
            scene = self._scene(rng)
            sample = self._sample(scene, rng)
            if sample is not None:
                return sample

    def _scene(self, rng: np.random.Generator) -> Scene:
        spec = self.spec
        scene = self._cropped(self.bank.draw(rng), rng)
        if rng.random() < spec.mosaic_rate:
            scene = side_by_side(scene, self._cropped(self.bank.draw(rng), rng))
        if rng.random() < spec.paste_rate:
            donor = self.bank.draw_thing(rng)
            if donor is not None:
                whole, row = donor
                cut = take_crop(whole, draw_crop(whole, whole.masks[row], spec.size, rng))
                scene = paste(scene, cut, row, rng)
        return scene.without_small(LEAST_CELLS * STRIDE**2)

    def _cropped(self, scene: Scene, rng: np.random.Generator) -> Scene:
        focus = scene.masks[int(rng.integers(len(scene.masks)))] if len(scene.masks) else None
        crop = draw_crop(scene, focus, self.spec.size, rng)
        cut = take_crop(scene, crop)
        if not crop.flip:
            return cut
        return cut.renamed(tuple(flip_label(label) if label else None for label in cut.labels))

    def _sample(self, scene: Scene, rng: np.random.Generator) -> Sample | None:
        if not len(scene.masks):
            return None
        targets = [self._click_target(scene, rng) for _ in range(self.spec.clicks)]
        sample = {
            "image": jitter_colour(scene.image, rng).transpose(2, 0, 1),
            "targets": np.stack([_cells(target) for target in targets]),
        }
        return sample | self._phrases(scene, rng)

    def _click_target(self, scene: Scene, rng: np.random.Generator) -> NDArray[np.bool_]:
        row = int(rng.integers(len(scene.masks)))
        mask = scene.masks[row]
        if scene.things[row] and rng.random() < 0.9:
            return mask
        return connected_part(mask, rng, LEAST_CELLS * STRIDE**2)

    def _phrases(self, scene: Scene, rng: np.random.Generator) -> Sample:
        spec = self.spec
        cells = scene.image.shape[0] // STRIDE
        words = np.zeros((spec.phrases, spec.max_words, self.words.codes.shape[1]), np.float32)
        lengths = np.ones(spec.phrases, np.float32)
        weight = np.zeros(spec.phrases, np.float32)
        presence = np.zeros(spec.phrases, np.float32)
        targets = np.zeros((spec.phrases, cells, cells), np.uint8)
        found = self._expressions(scene, rng)
        for i, (ids, rows) in enumerate(found):
            words[i, : len(ids)] = self.words.vectors(ids)
            lengths[i], weight[i], presence[i] = len(ids), 1.0, float(len(rows) > 0)
            if len(rows):
                targets[i] = _cells(scene.masks[list(rows)].any(0))
        return {
            "words": words, "lengths": lengths, "said": weight,
            "presence": presence, "meant": targets,
        }  # fmt: skip

    def _expressions(
        self, scene: Scene, rng: np.random.Generator
    ) -> list[tuple[NDArray[np.int32], Sequence[int]]]:
        """Word ids and the rows they mean; mostly, one that is there comes first."""
        named = [i for i, label in enumerate(scene.labels) if label and label not in scene.hidden]
        written = self._written(scene, named, rng)
        if rng.random() < 0.8:
            written.sort(key=lambda e: not e.targets)
        pairs = []
        for expression in written:
            ids = self.words.tokenize(expression.text).ids
            ids = ids[ids >= 0]
            if 0 < len(ids) <= self.spec.max_words:
                pairs.append((ids, [named[t] for t in expression.targets]))
        return pairs[: self.spec.phrases]

    def _written(
        self, scene: Scene, named: Sequence[int], rng: np.random.Generator
    ) -> list[Expression]:
        known = scene.known - self._names(scene.hidden)
        if not named and not known:
            return []
        return self.builder.build(
            [_scene_object(scene, i) for i in named], scene.image.shape[:2], rng,
            self.spec.phrases, known, self.spec.absent_rate,
            allowed=known if scene.mixed else None,
        )  # fmt: skip

    def _names(self, labels: frozenset[str]) -> frozenset[str]:
        """All names that may mean one of the labels, or something too like it."""
        vocabulary = self.builder.vocabulary
        close = labels.union(*(vocabulary.alike.get(label, ()) for label in labels))
        return frozenset(
            name.text for label in close for name in vocabulary.by_label.get(label, ())
        )


def _scene_object(scene: Scene, row: int) -> SceneObject:
    mask = scene.masks[row]
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = (float(xs[0]), float(ys[0]), float(xs[-1] + 1), float(ys[-1] + 1))
    label = scene.labels[row] or ""
    pixels = scene.image[mask]
    colour = colour_name(pixels[:: max(1, len(pixels) // 256)]) if scene.things[row] else None
    return SceneObject(label, box, float(mask.sum()), colour, scene.things[row], scene.many[row])


def _cells(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Covered sixteenths of each 4x4 cell, ``(H/4, W/4)``, 0 to 16."""
    h, w = mask.shape
    blocks = mask.reshape(h // STRIDE, STRIDE, w // STRIDE, STRIDE)
    return blocks.sum((1, 3), dtype=np.uint8)


def collate(samples: Sequence[Sample]) -> Sample:
    """Stacks samples.

    Returns:
        ``image`` (B, 3, S, S) uint8; ``targets`` (B, K, S/4, S/4) uint8, sixteenths covered;
        ``words`` (B, T, L, 96) float32, ``lengths``, ``said`` (0 where there is no phrase) and
        ``presence`` (B, T) float32; ``meant`` (B, T, S/4, S/4) uint8.
    """
    return {key: np.stack([sample[key] for sample in samples]) for key in samples[0]}
