"""Which cluster, and how much of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from biprompt.errors import InputError

_RANGE = re.compile(r"(\d+)(?::(\d+))?")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which cluster, and how much of it.

    Attributes:
        address: "local" starts Ray on this machine, "auto" takes the one that runs on it;
            else HOST:PORT or ray://HOST:PORT.
        least: actors that are kept; None for `most`.
        most: actors up to which the pool grows; None for as many as the cluster has room for when
            the run begins.
        cpus: cores that an actor asks of Ray, and threads of its model.
        gpus: GPUs that it asks for.

    Raises:
        InputError: an address that is empty, or a number that makes no sense.
    """

    address: str
    least: int | None = None
    most: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.address.strip():
            raise InputError("Ray", expected="local, auto or an address", actual="nothing")
        bounds = [bound for bound in (1, self.least, self.most) if bound is not None]
        if bounds != sorted(bounds):
            actual = f"{self.least}:{self.most}"
            raise InputError("actors", expected="N or LEAST:MOST, from 1", actual=actual)
        if not (self.cpus > 0 and self.gpus >= 0):
            actual = f"{self.cpus:g} and {self.gpus:g}"
            raise InputError(
                "cores and GPUs of an actor", expected="above 0, and 0 or more", actual=actual
            )

    @property
    def threads(self) -> int:
        """Threads of the model of an actor."""
        return max(1, int(self.cpus))


def actors_of(text: str) -> tuple[int, int]:
    """Return the least and the most actors that "N" or "LEAST:MOST" says.

    Raises:
        InputError: it says something else.
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        raise InputError("actors", expected="N or LEAST:MOST, from 1", actual=repr(text))
    return int(found[1]), int(found[2] or found[1])
