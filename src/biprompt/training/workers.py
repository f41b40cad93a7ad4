"""Processes that make samples."""

from __future__ import annotations

import os
import signal


def processes_for(workers: int) -> int:
    """As many processes as were asked for, but no more than there are cores."""
    return min(workers, os.cpu_count() or 1)


def leave_signals_to_the_parent(worker: int) -> None:
    """Ctrl-C reaches the whole group; a worker that dies of it ends the parent's step.

    Workers end when the parent closes their queues or is gone.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
