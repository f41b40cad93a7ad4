"""A pool of actors of Ray Data at work on parcels; lines come out as tables."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from biprompt.labeling.cluster.actor import ERROR, LINE, PARCEL, Actor
from biprompt.labeling.cluster.session import quiet
from biprompt.labeling.hand import Load
from biprompt.labeling.labeller import Facts


@dataclass(frozen=True, slots=True)
class Pool:
    """Actors, as many as Ray Data finds useful within bounds.

    Attributes:
        load: what each loads.
        threads: as in `Crew`.
        facts: which model that must be.
        least: actors that are kept.
        most: actors up to which the pool grows.
        share: what an actor asks of Ray: `num_cpus` and `num_gpus`.
    """

    load: Load
    threads: int
    facts: Facts
    least: int
    most: int
    share: dict[str, float]

    def run(self, parcels: Sequence[bytes]) -> Iterator[list[bytes]]:
        """Yield lines, those of one parcel together.

        Ray starts actors again, and tries parcels again, as often as nodes die.

        Raises:
            RayError: the cluster failed.
            Exception: whatever an actor raised.
        """
        import pyarrow
        import ray.data as data

        quiet(data)
        wide = pyarrow.large_binary()
        # A block of its own for each parcel: a block is what Ray tries again.
        blocks = [pyarrow.table({PARCEL: pyarrow.array([parcel], wide)}) for parcel in parcels]
        lines = data.from_blocks(blocks).map_batches(
            Actor,
            batch_size=None,
            batch_format="pyarrow",
            compute=data.ActorPoolStrategy(min_size=self.least, max_size=self.most),
            fn_constructor_args=(self.load, self.threads, self.facts),
            **self.share,
        )
        del blocks
        for table in lines.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from _lines(table)


class Foreman:
    """Runs a pool from within the cluster, as Ray Data cannot be run through Ray's client."""

    def __init__(self, pool: Pool, parcels: Sequence[bytes]) -> None:
        """Note the work."""
        self._lines = pool.run(parcels)

    def next(self) -> list[bytes] | Exception | None:
        """Return the next lines; what was raised; None at the end."""
        try:
            return next(self._lines, None)
        except Exception as error:
            return error


def _lines(table: Any) -> Iterator[list[bytes]]:
    """The lines of a table; what an actor raised is raised after them."""
    yield [line for line in table[LINE].to_pylist() if line is not None]
    for error in table[ERROR].to_pylist():
        if error is not None:
            raise pickle.loads(error)
