"""Actors on a cluster that hold the model: to whoever hires them, as workers of this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, cast

from biprompt.errors import InputError, ModelError
from biprompt.labeling.cluster.actor import facts_of
from biprompt.labeling.cluster.parcels import parcels
from biprompt.labeling.cluster.pool import Foreman, Pool
from biprompt.labeling.cluster.session import CLIENT, connected
from biprompt.labeling.cluster.values import Cluster
from biprompt.labeling.hand import Load
from biprompt.labeling.labeller import Facts
from biprompt.labeling.values import Item

START_SECONDS = 1800.0
"""How long the cluster may take to load the first model: an autoscaler rents a machine first."""


class ClusterCrew:
    """As a context: a cluster that is connected at its beginning and left at its end.

    Args:
        load: what an actor loads once; the nodes must be able to import it.
        cluster: which cluster, and how much of it.
    """

    def __init__(self, load: Load, cluster: Cluster) -> None:
        """Note what to start."""
        self._load, self._cluster = load, cluster
        self._stack = ExitStack()
        self._ray: Any = None
        self._facts: Facts | None = None

    def __enter__(self) -> ClusterCrew:
        """Connect; errors as in `connected`."""
        self._ray = self._stack.enter_context(connected(self._cluster.address))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the cluster; whatever its actors are doing ends."""
        self._stack.close()

    def facts(self) -> Facts:
        """Load the model on one node, and return which one that is.

        Raises:
            InputError: no node has room for an actor.
            ModelError: the cluster, or a worker process, failed.
            Exception: whatever loading raised.
        """
        if self._facts is None:
            self._facts = self._ask()
        return self._facts

    def run(self, items: Iterable[Item]) -> Iterator[bytes]:
        """Yield the line of every item, in any order.

        The items are taken at the beginning, and wait compressed: some 100 bytes for each.

        Raises:
            ModelError: the cluster failed.
            Exception: whatever an actor raised: what is not the fault of one image.
        """
        cluster, (least, most) = self._cluster, self._bounds()
        work = list(parcels(items, most))
        if not work:
            return
        pool = Pool(self._load, cluster.threads, self.facts(), least, most, self._share)
        through = self._guided if cluster.address.startswith(CLIENT) else Pool.run
        try:
            for lines in through(pool, work):
                yield from lines
        except self._ray.exceptions.RayError as error:
            raise _failed(error) from error

    @property
    def _share(self) -> dict[str, float]:
        """What an actor asks for."""
        return {"num_cpus": self._cluster.cpus, "num_gpus": self._cluster.gpus}

    def _guided(self, pool: Pool, work: Sequence[bytes]) -> Iterator[list[bytes]]:
        """Run a pool from within the cluster."""
        foreman = self._ray.remote(Foreman).options(num_cpus=0).remote(pool, work)
        while (told := self._ray.get(foreman.next.remote())) is not None:
            if isinstance(told, Exception):
                raise told
            yield told

    def _ask(self) -> Facts:
        ray, cluster = self._ray, self._cluster
        asked = ray.remote(facts_of).options(**self._share)
        try:
            told = ray.get(asked.remote(self._load, cluster.threads), timeout=START_SECONDS)
        except ray.exceptions.GetTimeoutError as error:
            expected = f"room for {cluster.cpus:g} CPUs and {cluster.gpus:g} GPUs on a node"
            actual = f"none in {START_SECONDS / 60:.0f} minutes"
            raise InputError(
                "Ray", expected=expected, actual=actual, path=cluster.address
            ) from error
        except ray.exceptions.RayError as error:
            raise _failed(error) from error
        if isinstance(told, Exception):
            raise told
        return cast(Facts, told)

    def _bounds(self) -> tuple[int, int]:
        """The least and the most actors."""
        there = self._ray.cluster_resources()
        room = there.get("CPU", 0.0) // self._cluster.cpus
        if self._cluster.gpus:
            room = min(room, there.get("GPU", 0.0) // self._cluster.gpus)
        most = self._cluster.most or self._cluster.least or max(1, int(room))
        return self._cluster.least or most, most


def _failed(error: Exception) -> ModelError:
    """What Ray raised, on one line: the last of its own says most."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return ModelError(f"the Ray cluster failed: {lines[-1] if lines else type(error).__name__}")
