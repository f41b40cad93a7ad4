"""From `--ray` and the options of actors to who does the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biprompt.errors import InputError

if TYPE_CHECKING:
    from biprompt.labeling.cluster import Cluster


def cluster_of(address: str | None, actors: str | None, cpus: float, gpus: float) -> Cluster | None:
    """Return the cluster that the options name; None where they name none.

    Raises:
        InputError: a value makes no sense, or there are actors and no cluster.
    """
    from biprompt.labeling.cluster import Cluster, actors_of

    if address is None:
        if actors is not None or cpus != 1 or gpus:
            raise InputError("options of actors", expected="--ray ADDRESS too", actual="no --ray")
        return None
    least, most = (None, None) if actors is None else actors_of(actors)
    return Cluster(address, least, most, cpus, gpus)
