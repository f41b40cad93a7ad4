"""Items on their way to an actor: a few at a time, small, so that little is done again."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from biprompt.labeling.values import Item

MOST = 32
"""Items in a parcel: seconds of work, against some 10 ms that Ray takes for a parcel."""
EACH = 4
"""Parcels that each actor gets of a short run, so that all end at about the same time."""


def parcels(items: Iterable[Item], actors: int) -> Iterator[bytes]:
    """Yield parcels of all items in their order, each of the same size.

    Args:
        items: the items; those that it takes to see whether the run is short are read at once.
        actors: how many share the work.
    """
    rest = iter(items)
    first = list(islice(rest, MOST * EACH * actors))
    size = max(1, len(first) // (EACH * actors))
    every = chain(first, rest)
    while some := tuple(islice(every, size)):
        yield zlib.compress(pickle.dumps(some), 1)


def items_of(parcel: bytes) -> Sequence[Item]:
    """Return the items of a parcel; it must come from `parcels`, as pickles are trusted."""
    found: Sequence[Item] = pickle.loads(zlib.decompress(parcel))
    return found
