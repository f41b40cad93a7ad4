"""Processes that make samples."""

from __future__ import annotations

import signal


def leave_signals_to_the_parent(worker: int) -> None:
    """Ctrl-C reaches the whole group; a worker that dies of it ends the parent's step.

    Workers end when the parent closes their queues or is gone.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
