"""Look once, ask many times: where the experts meet the gate."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from biprompt.cache import DiskCache, MemoryCache, embedding_key
from biprompt.errors import InputError, PromptError
from biprompt.experts.answer import answer_all
from biprompt.experts.plan import Asked
from biprompt.geometry import ModelFrame
from biprompt.io.images import LoadedImage, load_image
from biprompt.prompts import MaskPrompt, Prompt
from biprompt.results import Segmentation
from biprompt.runtime.base import Float, ImageEmbedding, Reader, Runtime, RuntimeFacts
from biprompt.segmenter.turns import Turns
from biprompt.selection import Policy

if TYPE_CHECKING:
    from biprompt.segmenter.questions import Answered

_REFUSED = {"examples": "an example image", "text": "words", "points": "something pointed at",
            "mask": "a mask or an outline"}  # fmt: skip


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
        self, runtime: Runtime, reader: Reader, *, policy: Policy | None = None,
        memory: MemoryCache | None = None, disk: DiskCache | None = None,
    ) -> None:  # fmt: skip
        """Put the parts together."""
        self.runtime, self.reader = runtime, reader
        self.policy = policy or Policy()
        self._memory, self._disk = memory, disk
        self._turns = Turns()

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
        if kept := self._kept(key, loaded):
            return kept
        with self._turns.of(key):  # two threads with one image: one pass
            return self._ready(key, loaded) or self._looked([(loaded, key)])[0]

    def embed_many(self, images: Sequence[Any]) -> list[ImageEmbedding]:
        """Look at several images in one call of the model, which a GPU answers faster.

        Args:
            images: each what :meth:`embed` takes. All are held in memory at once, so of many
                images give some at a time.

        Returns:
            One value per image, in order; the same image twice is looked at once.

        Raises:
            ImageError: one of them cannot be read, is empty or too large.
        """
        loaded = [load_image(image) for image in images]
        keys = [embedding_key(one.pixels, self.runtime.facts.version) for one in loaded]
        ready: dict[str, ImageEmbedding] = {}
        missing: dict[str, LoadedImage] = {}
        for key, one in zip(keys, loaded, strict=True):
            if key not in ready and (kept := self._ready(key, one)):
                ready[key] = kept
            elif key not in ready:
                missing[key] = one
        if missing:
            found = self._looked([(one, key) for key, one in missing.items()])
            ready |= {embedding.key: embedding for embedding in found}
        return [replace(ready[k], path=one.path) for k, one in zip(keys, loaded, strict=True)]

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
        given: dict[str, Any] = {
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
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None,
        outline_absent: bool = True,
    ) -> list[Segmentation]:  # fmt: skip
        """Answer many prompts of one image in one decoder call.

        Args:
            image: what :meth:`embed` takes, or what it gave.
            prompts: one for each answer.
            policy: how the gate decides this time.
            outline_absent: False saves the time of outlining what is absent: words alone whose
                presence is below the threshold. The answers are the same, with an empty candidate.

        Raises:
            PromptError: a prompt does not fit the image; none is answered then.
            ImageError: the image cannot be read.
        """
        embedding = self.embed(image)
        asked = [self._asked(prompt, embedding.frame) for prompt in prompts]
        return answer_all(
            self.runtime, embedding, asked, policy or self.policy, outline_absent=outline_absent
        )

    def ask(
        self, image: Any, question: str, *, domain: Any = "organs", policy: Policy | None = None
    ) -> Answered:
        """Answer a question about the things of a domain, see `biprompt.segmenter.questions`."""
        from biprompt.segmenter.questions import ask

        return ask(self, image, question, domain=domain, policy=policy)

    def _asked(self, prompt: Prompt, frame: ModelFrame) -> Asked:
        if not isinstance(prompt, Prompt):
            expected, actual = "a Prompt; Prompt.build makes one", type(prompt).__name__
            raise PromptError("prompt", expected=expected, actual=actual)
        prompt.check_frame(frame.original_hw)
        _check_kinds(prompt, self.runtime.facts)
        return Asked.of(prompt, self.reader, frame)

    def _own(self, embedding: ImageEmbedding) -> ImageEmbedding:
        facts = self.runtime.facts
        if (embedding.model, embedding.version) != (facts.model, facts.version):
            expected = f"one of {facts.model}, version {facts.version}"
            actual = f"one of {embedding.model}, version {embedding.version}"
            raise InputError("embedding", expected=expected, actual=actual)
        return embedding

    def _kept(self, key: str, loaded: LoadedImage) -> ImageEmbedding | None:
        """The embedding in memory, under the path that was asked."""
        kept = None if self._memory is None else self._memory.get(key)
        return None if kept is None else replace(kept, path=loaded.path, seconds=0.0)

    def _ready(self, key: str, loaded: LoadedImage) -> ImageEmbedding | None:
        """The embedding in memory or on disk."""
        if kept := self._kept(key, loaded):
            return kept
        features = None if self._disk is None else self._disk.get(key)
        return None if features is None else self._made(loaded, key, features, 0.0)

    def _looked(self, missing: Sequence[tuple[LoadedImage, str]]) -> list[ImageEmbedding]:
        """Embeddings from the model, in one call."""
        started = time.perf_counter()
        found = self.runtime.encode([loaded.pixels for loaded, _ in missing])
        seconds = (time.perf_counter() - started) / len(missing)
        if self._disk is not None:
            for (_, key), features in zip(missing, found, strict=True):
                self._disk.put(key, features)
        pairs = zip(missing, found, strict=True)
        return [self._made(*one, features, seconds) for one, features in pairs]

    def _made(
        self, loaded: LoadedImage, key: str, features: Mapping[str, Float], seconds: float
    ) -> ImageEmbedding:
        facts, pixels = self.runtime.facts, loaded.pixels
        pixels.flags.writeable = False
        frame = self.runtime.frame(loaded.hw)
        embedding = ImageEmbedding(
            features, frame, key, facts.model, facts.version, pixels, loaded.path, seconds
        )
        if self._memory is not None:
            self._memory.put(embedding)
        return embedding


def _earlier(answer: Segmentation) -> MaskPrompt | None:
    """An answer as a mask to refine; an honest no is nothing to start from."""
    return MaskPrompt(answer.mask, answer.soft) if answer.mask.any() else None


def _check_kinds(prompt: Prompt, facts: RuntimeFacts) -> None:
    """Raise a `PromptError` that names the kind of prompt the model does not take."""
    asked = {
        "examples": bool(prompt.examples),
        "text": not facts.words and (prompt.text or prompt.negative_text) is not None,
        "points": not facts.points and prompt.has_spatial,
        "mask": not facts.masks and bool(prompt.mask or prompt.polygon),
    }
    for kind, is_refused in asked.items():
        if is_refused:
            expected = f"prompts that {facts.model} takes ({_taken(facts)})"
            raise PromptError(kind, expected=expected, actual=_REFUSED[kind])


def _taken(facts: RuntimeFacts) -> str:
    kinds = ("points, box, scribbles",) if facts.points else ()
    kinds = (*kinds, "polygon, mask") if facts.masks else kinds
    return ", ".join((*kinds, "text") if facts.words else kinds)
