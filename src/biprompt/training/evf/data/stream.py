"""The endless stream of training samples: any of them by its number, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from biprompt.data.faults import Faults
from biprompt.errors import DataError, InputError
from biprompt.training.evf.data.shuffle import place_in_order
from biprompt.training.evf.data.values import NothingSaid, Source, Spoken

BLOCK = 1000
"""The ratios hold exactly in every so many samples from a multiple of it on."""
MOST_TRIES = 50
"""Items in a row that cannot be used, after which the data are to blame."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the stream gives at one number.

    Attributes:
        source: index of the source.
        epoch: how often all of the source's items came before.
        item: index in the source.
    """

    source: int
    epoch: int
    item: int


class Stream:
    """Sources mixed by ratio; `sample(number)` is a function of (seed, number) and nothing else.

    Where a training stands in it is one integer, and processes and workers change nothing: who
    makes which number is free. Every block of `BLOCK` numbers holds each source by its ratio, in a
    shuffled order; the items of a source come in a shuffled order, each once an epoch.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        ratios: Sequence[float] | None = None,
        *,
        seed: int,
        faults: Faults | None = None,
    ) -> None:
        """Mix some sources.

        Args:
            sources: at least one, none of them empty.
            ratios: how often each is drawn, in any unit; None: all alike.
            seed: picks the order and all chance in the samples, 0 or more.
            faults: where an item goes that turns out to be unusable (a damaged picture); another
                one comes in its place. None: it is an error.

        Raises:
            DataError: no source, an empty one, or ratios that fit neither them nor the block.
        """
        self.sources = tuple(sources)
        self.seed = seed
        self.faults = Faults() if faults is None else faults
        self._sizes = [len(source) for source in self.sources]
        for source, size in zip(self.sources, self._sizes, strict=True):
            if not size:
                raise DataError(f"source {source.name!r}", expected="samples", actual="none")
        given = [1.0] * len(self.sources) if ratios is None else ratios
        self.shares = shares(given, len(self.sources))

    def draw(self, number: int) -> Drawn:
        """Return which item comes at a number, 0 or more, without making it."""
        block, position = divmod(number, BLOCK)
        source, before = _block(self.seed, block, self.shares)[position]
        size = self._sizes[source]
        epoch, turn = divmod(block * self.shares[source] + before, size)
        item = place_in_order(turn, size, (self.seed, "items", source, epoch))
        return Drawn(source, epoch, item)

    def sample(self, number: int) -> Spoken:
        """Make the sample at a number, 0 or more.

        An item about which there is nothing to say is passed over, and so is an unusable one where
        `faults` takes it: then comes a random item of the same source, by the number alone.

        Raises:
            DataError: the item cannot be used, or `MOST_TRIES` in a row cannot.
            ImageError: a picture or a mask file is missing or damaged.
        """
        drawn = self.draw(number)
        source, item = self.sources[drawn.source], drawn.item
        rng = np.random.default_rng((self.seed, number))
        for _ in range(MOST_TRIES):
            try:
                return source.sample(item, rng)
            except NothingSaid:
                pass
            except InputError as error:
                self.faults.report(error)
            item = int(rng.integers(len(source)))
        raise DataError(
            f"source {source.name!r}",
            expected="an item that can be used",
            actual=f"none in {MOST_TRIES} (sample {number})",
        )


@lru_cache(maxsize=8)
def _block(seed: int, block: int, shares: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """The source at each place of a block, and how often it came before in the block."""
    sources = [source for source, share in enumerate(shares) for _ in range(share)]
    key = (seed, "block", block)
    order = [sources[place_in_order(position, BLOCK, key)] for position in range(BLOCK)]
    seen = [0] * len(shares)
    places = []
    for source in order:
        places.append((source, seen[source]))
        seen[source] += 1
    return tuple(places)


def shares(ratios: Sequence[float], count: int) -> tuple[int, ...]:
    """Return how many of `BLOCK` samples each source gets, by the largest remainder.

    Raises:
        DataError: another number of ratios, one that is not positive, or one too small for a block.
    """
    if len(ratios) != count or not count:
        raise DataError("ratios", expected=f"one for each of {count} sources", actual=len(ratios))
    if not all(np.isfinite(ratio) and ratio > 0 for ratio in ratios):
        raise DataError("ratios", expected="finite numbers above 0", actual=list(ratios))
    exact = [BLOCK * ratio / sum(ratios) for ratio in ratios]
    whole = [int(part) for part in exact]
    by_rest = sorted(range(count), key=lambda i: (whole[i] - exact[i], i))
    for i in by_rest[: BLOCK - sum(whole)]:
        whole[i] += 1
    if not all(whole):
        actual = list(ratios)
        raise DataError("ratios", expected=f"none below 1/{BLOCK} of their sum", actual=actual)
    return tuple(whole)
