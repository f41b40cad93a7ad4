"""Every picture of some sources through the frozen encoder, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.cache import embedding_key
from biprompt.data.faults import Faults
from biprompt.errors import DataError, InputError
from biprompt.training.evf.data.augment import FLIP, Augmented
from biprompt.training.evf.data.drafts import Drafts
from biprompt.training.evf.data.embeddings import EmbeddingStore, Features
from biprompt.training.evf.data.prefetch import in_order

Encoder = Callable[[NDArray[np.uint8]], Features]
"""A picture, (H, W, 3) uint8 RGB, as tensors by name, without a batch axis."""
Progress = Callable[["Done"], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be computed.

    Attributes:
        drafts: whose pictures.
        variants: of each picture: "", and "flip" where training mirrors pictures.
    """

    drafts: tuple[Drafts, ...]
    variants: tuple[str, ...] = ("",)

    @classmethod
    def of(cls, sources: Sequence[Augmented]) -> Plan:
        """Return what training on some sources needs.

        Raises:
            DataError: a source changes pictures in ways without end.
        """
        found: dict[str, None] = {}
        for source in sources:
            variants = source.augmentation.variants()
            if variants is None:
                expected = "no change but flips: crops, light and mosaics have no end"
                actual = str(source.augmentation)
                raise DataError(f"source {source.name!r}", expected=expected, actual=actual)
            found |= dict.fromkeys(variants)
        return cls(tuple(source.drafts for source in sources), tuple(found))

    def __len__(self) -> int:
        """Return the number of pictures, each variant counted; the same picture counts again."""
        return len(self.variants) * sum(map(len, self.drafts))

    def keys(self, process: int = 0, processes: int = 1) -> Iterator[tuple[int, int]]:
        """Yield (index of the drafts, item) of every `processes`-th picture."""
        every = ((d, item) for d, drafts in enumerate(self.drafts) for item in range(len(drafts)))
        yield from (key for i, key in enumerate(every) if i % processes == process)

    def estimate(self, shapes: Mapping[str, Sequence[int]], dtype: str = "float16") -> int:
        """Return the bytes that the store will take at most.

        Args:
            shapes: of the encoder's tensors, without a batch axis.
            dtype: of the store.
        """
        numbers = sum(int(np.prod(list(shape))) for shape in shapes.values())
        return len(self) * numbers * np.dtype(dtype).itemsize


@dataclass(frozen=True, slots=True)
class Done:
    """How far it is.

    Attributes:
        seen: pictures looked at.
        total: pictures of this process.
        computed: embeddings that were new.
    """

    seen: int
    total: int
    computed: int


def precompute(
    plan: Plan,
    encoder: Encoder,
    store: EmbeddingStore,
    *,
    progress: Progress = lambda done: None,
    faults: Faults | None = None,
    workers: int = 0,
    process: int = 0,
    processes: int = 1,
) -> Done:
    """Compute and keep what the store has not got yet.

    It can be stopped at any moment and called again; pictures that are there are read, to know
    their content, but not encoded.

    Args:
        plan: which pictures.
        encoder: called with one picture at a time.
        store: where embeddings go.
        progress: told after each picture.
        faults: where a damaged picture goes; None: it is an error.
        workers: processes that read pictures.
        process: which of several processes this is, each with its own part of the pictures.
        processes: how many there are.

    Raises:
        ImageError: a picture is missing or damaged, and `faults` does not take it.
        DataError: an embedding does not fit the store's dtype.
        OutputError: the disk is full or fails.
    """
    faults = Faults() if faults is None else faults
    keys = list(plan.keys(process, processes))
    done = Done(0, len(keys), 0)
    with store.writing() as out:
        for read in in_order(_Reader(plan), keys, workers=workers):
            new = 0
            if isinstance(read, InputError):
                faults.report(read)
            else:
                for variant, content, pixels in read:
                    if (content, variant) not in store:
                        new += out.add(content, variant, encoder(pixels))
            done = Done(done.seen + 1, done.total, done.computed + new)
            progress(done)
    return done


_Read = list[tuple[str, str, NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a picture in its variants, each with its digest; a fault comes back as a value."""

    plan: Plan

    def __call__(self, key: tuple[int, int]) -> _Read | InputError:
        drafts, item = self.plan.drafts[key[0]], key[1]
        try:
            pixels = drafts.picture(item)
        except InputError as error:
            return error
        return [_variant(pixels, variant) for variant in self.plan.variants]


def _variant(pixels: NDArray[np.uint8], variant: str) -> tuple[str, str, NDArray[np.uint8]]:
    if variant == FLIP:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    return variant, embedding_key(pixels, ""), pixels
