"""Any two models as one: what is pointed at goes to the one, what is named to the other.

BiPrompt-SAM (section 3) pairs SAM with EVF-SAM; its gate asks only that both answer with masks of
one image, so any model that is pointed with may stand beside any that reads words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import cast

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import ModelError
from biprompt.geometry import ModelFrame
from biprompt.prompts import Example
from biprompt.runtime.base import (
    Decoded,
    ExampleRuntime,
    Float,
    Grounding,
    ImageEmbedding,
    Phrase,
    Runtime,
    RuntimeFacts,
    SpatialBatch,
    TextBatch,
)
from biprompt.runtime.instances import InstanceRuntime
from biprompt.runtime.moving import moved

POINTS, WORDS = "points.", "words."
"""What the names of the feature maps of each model begin with."""


class PairRuntime:
    """Two runtimes behind one protocol; each looks at the image in its own frame.

    The frame of the pair is that of the model that is pointed with. Rows with words are answered
    by the other one in its own frame, see `Decoded.frames`. A row with words and something
    pointed at goes to it too if it sees both (`RuntimeFacts.joint`); else what is pointed at
    decides, and the words wait for the gate.

    Args:
        name: of the model.
        points: answers what is pointed at.
        words: answers what is named.

    Raises:
        ModelError: `points` cannot be pointed with, or `words` reads no words.
    """

    def __init__(self, name: str, points: Runtime, words: Runtime) -> None:
        """Put both together."""
        first, second = points.facts, words.facts
        if not first.points:
            raise ModelError(f"{name}: {first.model} cannot be pointed with")
        if not second.words:
            raise ModelError(f"{name}: {second.model} reads no words")
        self.points, self.words = points, words
        self._facts = RuntimeFacts(
            name,
            f"{first.version}+{second.version}",
            one_part=first.one_part,
            masks=first.masks,
            semantic=second.semantic,
            examples=first.examples or second.examples,
            joint=second.joint,
            instances=second.instances,
            most_points=first.most_points,
        )

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what both together answer."""
        return self._facts

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """See `Runtime.frame`: of the model that is pointed with."""
        return self.points.frame(hw)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """See `Runtime.encode`: the feature maps of both, by their names with a prefix."""
        both = zip(self.points.encode(images), self.words.encode(images), strict=True)
        return [
            MappingProxyType({**_prefixed(POINTS, one), **_prefixed(WORDS, other)})
            for one, other in both
        ]

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """See `Runtime.ground`: by the model that reads words."""
        return self.words.ground(self._seen(image, WORDS), phrases)

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """See `Runtime.decode`: each row by the model it is for, on that model's own cells."""
        found: dict[int, tuple[Float, Float, ModelFrame]] = {}
        named = self._named(spatial, text)
        for part, chosen in ((WORDS, np.flatnonzero(named)), (POINTS, np.flatnonzero(~named))):
            if len(chosen):
                answers = self._answers(part, image, spatial, text, chosen)
                found |= zip(chosen.tolist(), answers, strict=True)
        logits, iou, frames = zip(*(found[row] for row in range(len(spatial))), strict=True)
        return Decoded(logits, iou, frames)

    def dense(self, image: ImageEmbedding) -> Float:
        """See `Runtime.dense`: of the model that is pointed with."""
        return self.points.dense(self._seen(image, POINTS))

    def imitate(self, image: ImageEmbedding, examples: Sequence[Example]) -> Decoded:
        """See `ExampleRuntime.imitate`: by the model that has an example expert."""
        prefix = POINTS if self.points.facts.examples else WORDS
        seen = self._seen(image, prefix)
        found = cast(ExampleRuntime, self._part(prefix)).imitate(seen, examples)
        return replace(found, frames=found.frames or [seen.frame] * len(found.logits))

    def instances(self, image: ImageEmbedding, phrase: Phrase) -> Decoded:
        """See `InstanceRuntime.instances`: by the model that reads words."""
        seen = self._seen(image, WORDS)
        found = cast(InstanceRuntime, self.words).instances(seen, phrase)
        return replace(found, frames=found.frames or [seen.frame] * len(found.logits))

    def _part(self, prefix: str) -> Runtime:
        return self.points if prefix == POINTS else self.words

    def _seen(self, image: ImageEmbedding, prefix: str) -> ImageEmbedding:
        """The image as one of the two sees it."""
        runtime = self._part(prefix)
        own = {name.removeprefix(prefix): level for name, level in image.features.items()
               if name.startswith(prefix)}  # fmt: skip
        return replace(
            image, features=own, frame=runtime.frame(image.frame.original_hw),
            model=runtime.facts.model, version=runtime.facts.version,
        )  # fmt: skip

    def _named(self, spatial: SpatialBatch, text: TextBatch | None) -> NDArray[np.bool_]:
        """Which rows are for the model that reads words."""
        if text is None:
            return np.zeros(len(spatial), np.bool_)
        pointed = (spatial.labels >= 0).any(1) | (spatial.has_box > 0) | (spatial.has_mask > 0)
        return np.asarray((text.has_text > 0) & (self.facts.joint | ~pointed))

    def _answers(
        self, prefix: str, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None,
        rows: NDArray[np.intp],
    ) -> list[tuple[Float, Float, ModelFrame]]:  # fmt: skip
        """Logits ``(M, h, w)``, predicted IoU ``(M,)`` and frame of some rows."""
        seen = self._seen(image, prefix)
        asked = moved(_rows_of(spatial, rows), image.frame, seen.frame)
        said = None if prefix == POINTS else _words_of(text, rows)
        found = self._part(prefix).decode(seen, asked, said)
        frames = found.frames or [seen.frame] * len(rows)
        return list(zip(found.logits, found.iou, frames, strict=True))


def _prefixed(prefix: str, features: Mapping[str, Float]) -> dict[str, Float]:
    return {prefix + name: level for name, level in features.items()}


def _rows_of(spatial: SpatialBatch, rows: NDArray[np.intp]) -> SpatialBatch:
    return SpatialBatch(*(getattr(spatial, name)[rows] for name in spatial.__dataclass_fields__))


def _words_of(text: TextBatch | None, rows: NDArray[np.intp]) -> TextBatch | None:
    if text is None:
        return None
    state = {name: value[rows] for name, value in text.state.items()}
    return TextBatch(state, text.has_text[rows])
