"""The endless stream of training samples: any of them by its number, in any order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from biprompt.errors import DataError
from biprompt.training.evf.data.shuffle import place_in_order
from biprompt.training.evf.data.values import Source, Spoken

BLOCK = 1000
"""The ratios hold exactly in every so many samples from a multiple of it on."""


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
        self, sources: Sequence[Source], ratios: Sequence[float] | None = None, *, seed: int
    ) -> None:
        """Mix some sources.

        Args:
            sources: at least one, none of them empty.
            ratios: how often each is drawn, in any unit; None: all alike.
            seed: picks the order and all chance in the samples.

        Raises:
            DataError: no source, an empty one, or ratios that fit neither them nor the block.
        """
        self.sources = tuple(sources)
        self.seed = seed
        self._sizes = [len(source) for source in self.sources]
        for source, size in zip(self.sources, self._sizes, strict=True):
            if not size:
                raise DataError(f"source {source.name!r}", expected="samples", actual="none")
        self.shares = shares(ratios or [1.0] * len(self.sources), len(self.sources))
        self._starts = [0, *accumulate(self.shares)]

    def draw(self, number: int) -> Drawn:
        """Return which item comes at a number, 0 or more, without making it."""
        block, position = divmod(number, BLOCK)
        slot = place_in_order(position, BLOCK, (self.seed, "block", block))
        source = bisect_right(self._starts, slot) - 1
        turn = block * self.shares[source] + slot - self._starts[source]
        size = self._sizes[source]
        epoch, position = divmod(turn, size)
        item = place_in_order(position, size, (self.seed, "items", source, epoch))
        return Drawn(source, epoch, item)

    def sample(self, number: int) -> Spoken:
        """Make the sample at a number, 0 or more.

        Raises:
            DataError: the item cannot be used.
            ImageError: a picture or a mask file is missing or damaged.
        """
        drawn = self.draw(number)
        rng = np.random.default_rng((self.seed, number))
        return self.sources[drawn.source].sample(drawn.item, rng)


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
