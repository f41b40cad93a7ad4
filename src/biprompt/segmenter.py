"""Look once, ask many times: the public entry, where the experts meet the gate."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biprompt.cache import DiskCache, MemoryCache, embedding_key
from biprompt.errors import InputError, PromptError
from biprompt.experts.answer import Asked, answer_all
from biprompt.experts.words import PhraseReader
from biprompt.geometry import ModelFrame, fit_longest
from biprompt.io.images import LoadedImage, load_image
from biprompt.prompts import MaskPrompt, Prompt
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Policy
from biprompt.zoo.registry import find_model
from biprompt.zoo.words import WordTable

__all__ = ["ImageEmbedding", "Segmenter", "load"]


class Segmenter:
    """A loaded model. Holds no state between calls, so one serves many threads.

    Args:
        runtime: runs the networks.
        reader: reads phrases.
        policy: how the gate decides, unless a call says otherwise.
        memory: embeddings kept in memory, or None.
        disk: embeddings kept on disk, or None.
    """

    def __init__(
        self, runtime: Runtime, reader: PhraseReader, *, policy: Policy | None = None,
        memory: MemoryCache | None = None, disk: DiskCache | None = None,
    ) -> None:  # fmt: skip
        self.runtime, self.reader = runtime, reader
        self.policy = policy or Policy()
        self._memory, self._disk = memory, disk
        self._busy: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.runtime.facts.model

    def embed(self, image: Any) -> ImageEmbedding:
        """Look at an image once.

        Args:
            image: a path, a PIL image, or an array ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``.

        Returns:
            An immutable value for :meth:`segment`; the same image again costs a look-up.

        Raises:
            ImageError: it cannot be read, is empty or too large.
        """
        if isinstance(image, ImageEmbedding):
            return self._own(image)
        loaded = load_image(image)
        key = embedding_key(loaded.pixels, self.runtime.facts.version)
        kept = self._memory.get(key) if self._memory else None
        if kept is not None:
            return _of_file(kept, loaded)
        with self._one_at_a_time(key):  # two threads with one image: one pass
            kept = self._memory.get(key) if self._memory else None
            return _of_file(kept, loaded) if kept else self._look(loaded, key)

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None,
        points: ArrayLike | None = None, labels: ArrayLike | None = None,
        box: ArrayLike | None = None, scribbles: Sequence[Any] | None = None,
        polygon: ArrayLike | None = None, mask: Any = None, text: str | None = None,
        negative_text: str | None = None, examples: Sequence[Any] | None = None,
    ) -> Segmentation:  # fmt: skip
        """Answer one prompt.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            prompt: a ready prompt, instead of the values below.
            policy: how the gate decides this time.
            points: ``(N, 2)`` clicks ``(x, y)`` in pixels of the original image.
            labels: ``(N,)`` 1 adds, 0 removes; all 1 when left out.
            box: ``x0, y0, x1, y1``.
            scribbles: strokes, each ``(N, 2)`` or a pair of that and a label.
            polygon: ``(N, 2)`` outline.
            mask: ``(H, W)`` bool to refine, or an earlier answer.
            text: what it is called.
            negative_text: what is not meant; its mask is taken out of every candidate.
            examples: pairs of image and mask that show the thing.

        Raises:
            PromptError: a value is malformed, outside the image, or nothing is asked.
            ImageError: the image cannot be read.
        """
        given = {
            "points": points, "labels": labels, "box": box, "scribbles": scribbles,
            "polygon": polygon, "mask": _earlier(mask) if isinstance(mask, Segmentation) else mask,
            "text": text, "negative_text": negative_text, "examples": examples,
        }  # fmt: skip
        if prompt is None:
            prompt = Prompt.build(**given)
        elif any(value is not None for value in given.values()):
            raise PromptError("prompt", expected="a prompt or plain values", actual="both")
        return self.segment_many(image, [prompt], policy=policy)[0]

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        """Answer many prompts of one image in one decoder call.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            prompts: one for each answer.
            policy: how the gate decides this time.

        Raises:
            PromptError: a prompt does not fit the image; none is answered then.
            ImageError: the image cannot be read.
        """
        embedding = self.embed(image)
        for prompt in prompts:
            prompt.check_frame(embedding.frame.original_hw)
            _check_kinds(prompt, self.name)
        asked = [Asked.of(prompt, self.reader) for prompt in prompts]
        return answer_all(self.runtime, embedding, asked, policy or self.policy)

    def _own(self, embedding: ImageEmbedding) -> ImageEmbedding:
        if embedding.model != self.name:
            raise InputError("embedding", expected=f"one of {self.name}", actual=embedding.model)
        return embedding

    def _look(self, loaded: LoadedImage, key: str) -> ImageEmbedding:
        facts = self.runtime.facts
        hw = loaded.hw
        frame = ModelFrame(hw, fit_longest(hw, facts.long_side, facts.multiple))
        started = time.perf_counter()
        features = self._disk.get(key) if self._disk else None
        seconds = 0.0
        if features is None:
            features = self.runtime.encode(resize_pixels(loaded.pixels, frame.model_hw))
            seconds = time.perf_counter() - started
            if self._disk:
                self._disk.put(key, features)
        pixels = loaded.pixels
        pixels.flags.writeable = False
        embedding = ImageEmbedding(features, frame, key, facts.model, pixels, loaded.path, seconds)
        if self._memory:
            self._memory.put(embedding)
        return embedding

    def _one_at_a_time(self, key: str) -> threading.Lock:
        with self._guard:
            if len(self._busy) > 1024:
                self._busy = {k: lock for k, lock in self._busy.items() if lock.locked()}
            return self._busy.setdefault(key, threading.Lock())


def load(
    name: str = "compact", *, policy: Policy | None = None, cache: str | Path | bool = False,
    threads: int = 0,
) -> Segmenter:  # fmt: skip
    """Load a model.

    Args:
        name: a model of ``biprompt models``, or a folder that ``biprompt train`` exported.
        policy: how the gate decides.
        cache: keep embeddings on disk too: True for the usual folder, or a folder.
        threads: threads of one call; 0 takes all cores.

    Raises:
        WeightsError: there is no such model, or a file of it is damaged.
    """
    from biprompt.runtime.onnx import OnnxRuntime

    runtime = OnnxRuntime(find_model(name).folder, threads)
    reader = PhraseReader(WordTable.load(), runtime.manifest.known_words)
    disk = DiskCache(None if cache is True else Path(cache)) if cache else None
    return Segmenter(runtime, reader, policy=policy, memory=MemoryCache(), disk=disk)


def resize_pixels(pixels: NDArray[np.uint8], hw: tuple[int, int]) -> NDArray[np.uint8]:
    """An image ``(H, W, 3)`` at another size; bilinear, and area-averaging when it shrinks."""
    from PIL import Image

    if pixels.shape[:2] == hw:
        return pixels
    image = Image.fromarray(pixels)
    if min(image.size) > 4 * max(hw):  # far larger: a quick box filter first
        image = image.reduce(max(1, min(image.size) // (2 * max(hw))))
    return np.asarray(image.resize((hw[1], hw[0]), Image.Resampling.BILINEAR))


def _of_file(embedding: ImageEmbedding, loaded: LoadedImage) -> ImageEmbedding:
    """The kept embedding under the path that was asked."""
    from dataclasses import replace

    if embedding.path == loaded.path:
        return replace(embedding, seconds=0.0)
    return replace(embedding, path=loaded.path, seconds=0.0)


def _earlier(answer: Segmentation) -> MaskPrompt | None:
    """An answer as a mask to refine; an honest no is nothing to start from."""
    return MaskPrompt(answer.mask, answer.soft) if answer.mask.any() else None


def _check_kinds(prompt: Prompt, model: str) -> None:
    if prompt.examples:
        raise PromptError(
            "examples", expected=f"prompts that {model} takes (points, box, scribbles, polygon, "
            "mask, text)", actual="an example image",
        )  # fmt: skip
