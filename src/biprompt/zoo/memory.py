"""How much memory there is, so that a checkpoint that cannot fit is refused at once."""

from __future__ import annotations

import contextlib
from pathlib import Path

from biprompt.errors import ModelError

_MEMINFO = Path("/proc/meminfo")
_GROUP = Path("/sys/fs/cgroup")
_UNITS = 1e9


def free_memory() -> int | None:
    """Bytes that can still be taken without swapping; None where the system does not tell.

    The least of what the machine has and what the limit of a container leaves (Linux).
    """
    known = [n for n in (_of_machine(), _of_container()) if n is not None]
    return min(known, default=None)


def check_memory(nbytes: int, what: str) -> None:
    """Refuse what cannot fit.

    Args:
        nbytes: that will be needed.
        what: for the error, such as a file name.

    Raises:
        ModelError: less memory than that is free.
    """
    free = free_memory()
    if free is not None and nbytes > free:
        raise ModelError(
            f"{what}: {nbytes / _UNITS:.1f} GB of weights, {free / _UNITS:.1f} GB of memory free; "
            "close other programs, or take a smaller checkpoint"
        )


def _of_machine() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return None


def _of_container() -> int | None:
    with contextlib.suppress(OSError, ValueError):
        limit, used = (_GROUP / "memory.max").read_text(), (_GROUP / "memory.current").read_text()
        # Pages of files count as used, and are given back when memory runs short.
        return int(limit) - int(used) + _reclaimable()
    return None


def _reclaimable() -> int:
    lines = (_GROUP / "memory.stat").read_text().splitlines()
    fields = dict(line.split() for line in lines if len(line.split()) == 2)
    return int(fields.get("inactive_file", 0)) + int(fields.get("active_file", 0))
