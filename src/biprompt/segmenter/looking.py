"""Looking at images: each once, whatever is asked of it later."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from biprompt.cache import DiskCache, MemoryCache, embedding_key
from biprompt.errors import InputError
from biprompt.experts.examples.seen import Seen
from biprompt.io.images import LoadedImage, load_image
from biprompt.prompts import Example
from biprompt.runtime.base import Float, ImageEmbedding, Runtime
from biprompt.segmenter.turns import Turns


class Looker:
    """Makes embeddings with one model, and keeps them.

    Args:
        runtime: looks at images.
        memory: embeddings kept in memory, or None.
        disk: embeddings kept on disk, or None.
    """

    def __init__(
        self, runtime: Runtime, memory: MemoryCache | None = None, disk: DiskCache | None = None
    ) -> None:
        """Put the parts together."""
        self.runtime, self._memory, self._disk = runtime, memory, disk
        self._turns = Turns()

    def embed(self, image: Any) -> ImageEmbedding:
        """See `Segmenter.embed`."""
        if isinstance(image, ImageEmbedding):
            return self._own(image)
        loaded = load_image(image)
        key = embedding_key(loaded.pixels, self.runtime.facts.version)
        if kept := self._kept(key, loaded):
            return kept
        with self._turns.of(key):  # two threads with one image: one pass
            return self._ready(key, loaded) or self._looked([(loaded, key)])[0]

    def embed_many(self, images: Sequence[Any]) -> list[ImageEmbedding]:
        """See `Segmenter.embed_many`."""
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

    def seen(self, examples: Sequence[Example]) -> tuple[Seen, ...]:
        """Look at the images of examples, unless the model has an expert that does so itself."""
        alone = self.runtime.facts.examples
        return tuple(Seen(one, None if alone else self.embed(one.image)) for one in examples)

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
