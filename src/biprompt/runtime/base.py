"""The runtime protocol and the values that cross it.

Model frame: pixels of the resized image, ``(x, y)``. All arrays are C-contiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.prompts import Example

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ImageEmbedding:
    """One image, looked at once. Immutable: every expert, prompt and thread may share it.

    Attributes:
        features: named feature maps, ``(1, C, h, w)`` float32, read-only.
        frame: original and model size.
        key: identifies image content, model and preprocessing (see `biprompt.cache`).
        model: name of the model that looked.
        version: of that model, see `RuntimeFacts`.
        pixels: ``(H, W, 3)`` uint8 RGB, the original image, read-only; for overlays.
        path: file it came from, if any.
        seconds: time the image pass took; 0 when it came from the cache.
    """

    features: Mapping[str, Float]
    frame: ModelFrame
    key: str
    model: str
    version: str
    pixels: NDArray[np.uint8]
    path: str | None = None
    seconds: float = 0.0

    @property
    def nbytes(self) -> int:
        """Bytes held, image included."""
        return self.pixels.nbytes + sum(level.nbytes for level in self.features.values())


@dataclass(frozen=True, slots=True, eq=False)
class SpatialBatch:
    """What ``P`` prompts point at, in the model frame.

    Attributes:
        xy: ``(P, N, 2)`` float32.
        labels: ``(P, N)`` float32; 1 adds, 0 removes, -1 is padding. ``N`` is at least 1.
        box: ``(P, 4)`` float32 xyxy.
        has_box: ``(P,)`` float32, 0 or 1.
        mask: ``(P, 1, H/4, W/4)`` float32 in [0, 1], covered part of each cell of the canvas.
        has_mask: ``(P,)`` float32, 0 or 1.
    """

    xy: Float
    labels: Float
    box: Float
    has_box: Float
    mask: Float
    has_mask: Float

    def __len__(self) -> int:
        """Return the number of prompts."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase as the text expert takes it.

    Attributes:
        text: the phrase.
        tokens: what the model reads: word vectors ``(L, D)`` float32, or token ids ``(L,)`` int64.
        understood: whether a word of it is near one the model was trained on.
        ignored: words that the model cannot read and that were left out.
    """

    text: str
    tokens: NDArray[Any]
    understood: bool = True
    ignored: tuple[str, ...] = ()


class Reader(Protocol):
    """Turns phrases into what a model reads."""

    def read(self, text: str) -> Phrase:
        """The phrase's tokens.

        Raises:
            PromptError: it is longer than the model takes.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Grounding:
    """What ``P`` phrases mean in one image.

    Attributes:
        state: what the decoder needs of each phrase, arrays ``(P, ...)`` float32 by name.
        presence: ``(P,)`` float32 logits that the named thing is there; None where the model
            does not say.
    """

    state: Mapping[str, Float]
    presence: Float | None = None

    @classmethod
    def joined(cls, parts: Sequence[Grounding]) -> Grounding:
        """The phrases of several calls, in order; at least one call."""
        state = {name: np.concatenate([p.state[name] for p in parts]) for name in parts[0].state}
        said = [part.presence for part in parts if part.presence is not None]
        return cls(state, np.concatenate(said) if said else None)


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """What the words of ``P`` prompts mean to the decoder.

    Attributes:
        state: as in `Grounding`, one row per prompt.
        has_text: ``(P,)`` float32; 0 where a prompt has no words (its state does not count).
    """

    state: Mapping[str, Float]
    has_text: Float

    @classmethod
    def rows(cls, grounding: Grounding, rows: Sequence[int | None]) -> TextBatch:
        """One row per prompt: a row of the grounding, or None for no words."""
        has_text = np.array([row is not None for row in rows], np.float32)
        index = [row or 0 for row in rows]
        return cls({name: value[index] for name, value in grounding.state.items()}, has_text)


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """Masks of ``P`` prompts.

    Attributes:
        logits: ``(P, M, H/4, W/4)`` float32 on cells of the canvas; mask 0 answers an unambiguous
            prompt, the others are the readings of an ambiguous one. Where experts of two models
            answered, one ``(M, h, w)`` a row, each on the cells of its own canvas.
        iou: ``(P, M)`` float32, predicted; in [0, 1] up to what the model was trained to. One
            ``(M,)`` a row where `logits` are such.
        frames: how each row's expert saw the image; None where all see as the embedding says.
    """

    logits: Float | Sequence[Float]
    iou: Float | Sequence[Float]
    frames: Sequence[ModelFrame] | None = None


@dataclass(frozen=True, slots=True)
class RuntimeFacts:
    """What there is to know of a loaded model.

    Attributes:
        model: its name.
        version: changes whenever the same image would give other features (weights or
            preprocessing); part of every cache key.
        one_part: whether a single click means, of each mask, the connected part under it alone.
        points: whether it answers clicks and boxes.
        masks: whether it also starts from a mask.
        words: whether it answers words.
        semantic: whether a phrase may begin with "[semantic] ": all of a kind, stuff as well.
        examples: whether it has an example expert of its own, as SegGPT.
        joint: whether words and pointing may come in one row; readers of words see no pointing.
        instances: whether it tells the things that a phrase means apart, as SAM 3 and detectors.
        most_points: points of one prompt at most, of which a box takes two, as EfficientSAM; None
            for any number.
    """

    model: str
    version: str
    one_part: bool = False
    points: bool = True
    masks: bool = True
    words: bool = True
    semantic: bool = False
    examples: bool = False
    joint: bool = True
    instances: bool = False
    most_points: int | None = None


class Runtime(Protocol):
    """One loaded model. Calls are thread-safe; what they keep changes no answer."""

    @property
    def facts(self) -> RuntimeFacts:
        """Name, version and what it answers."""
        ...

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """How it sees an image of this height and width."""
        ...

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> list[Mapping[str, Float]]:
        """Feature maps of images ``(H, W, 3)`` uint8 RGB at their original sizes."""
        ...

    def ground(self, image: ImageEmbedding, phrases: Sequence[Phrase]) -> Grounding:
        """Fuse phrases, at least one, with an image."""
        ...

    def decode(
        self, image: ImageEmbedding, spatial: SpatialBatch, text: TextBatch | None
    ) -> Decoded:
        """Masks for ``P`` prompts in one call; ``text`` is None when none has words."""
        ...

    def dense(self, image: ImageEmbedding) -> Float:
        """What an image shows, place by place: ``(C, h, w)`` float32.

        The ``h`` x ``w`` places have one size and cover the image without the padding of the
        canvas; the last row and column may reach a little over its edge. The more alike two
        places are, of one image or of two, the larger the cosine of their vectors. Needs no pass
        of the image encoder: the embedding holds all of it.

        Raises:
            ModelError: the model has no such features.
        """
        ...


class ExampleRuntime(Runtime, Protocol):
    """A runtime with an example expert of its own: its `RuntimeFacts.examples` is True."""

    def imitate(self, image: ImageEmbedding, examples: Sequence[Example]) -> Decoded:
        """Mark in an image what the examples mark in theirs.

        Args:
            image: the image to segment.
            examples: at least one, all of label 1, each at its own original size.

        Returns:
            one row of one mask: logits ``(1, 1, h, w)`` of the foreground on cells of the canvas
            (of `Decoded.frames`, where it sees another one than the embedding says), and its
            ``iou`` ``(1, 1)``, the mean probability of the foreground inside the mask where the
            model predicts no IoU.
        """
        ...
