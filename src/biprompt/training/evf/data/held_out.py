"""What is measured on: a fixed list of pictures with their phrases, unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from biprompt.errors import DataError
from biprompt.training.evf.data.drafts import Drafts
from biprompt.training.evf.data.shuffle import place_in_order
from biprompt.training.evf.data.stream import MOST_TRIES
from biprompt.training.evf.data.values import NothingSaid, Spoken


class HeldOut(Sequence[Spoken]):
    """Samples of some drafts, each the same whenever it is asked for, made on access.

    In place of an item about which there is nothing to say comes another one, always the same.
    """

    def __init__(self, drafts: Drafts, items: Sequence[int], seed: int) -> None:
        """Take some items of drafts that training does not use."""
        self.drafts, self.items, self.seed = drafts, tuple(items), seed

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Spoken: ...

    @overload
    def __getitem__(self, index: slice) -> HeldOut: ...

    def __getitem__(self, index: int | slice) -> Spoken | HeldOut:
        """Return a sample, or the list of some of them."""
        if isinstance(index, slice):
            return HeldOut(self.drafts, self.items[index], self.seed)
        item = self.items[index]
        rng = np.random.default_rng((self.seed, item))
        for _ in range(MOST_TRIES):
            try:
                return self.drafts.draft(item, rng).spoken()
            except NothingSaid:
                item = int(rng.integers(len(self.drafts)))
        expected, actual = "an item with something to say", f"none in {MOST_TRIES}"
        raise DataError(f"held out of {self.drafts.name}", expected=expected, actual=actual)


def validation_samples(drafts: Drafts, *, limit: int | None = None, seed: int = 0) -> HeldOut:
    """Return the pictures to measure on, in the order of the data.

    Args:
        drafts: of what training never sees (`opening.open_drafts` with `held_out`).
        limit: at most so many pictures, drawn without replacement; None: all.
        seed: picks them, and the wording where phrases are written.
    """
    count = len(drafts)
    wanted = count if limit is None else min(limit, count)
    items = sorted(place_in_order(i, count, (seed, "held out")) for i in range(wanted))
    return HeldOut(drafts, items, seed)
