"""How many threads each of several workers may use."""

from __future__ import annotations

import os


def threads_each(workers: int) -> int:
    """Return the threads of one call, as calls share the cores; 0: the environment decides."""
    from biprompt.runtime.onnx import THREADS_VARIABLE

    if os.environ.get(THREADS_VARIABLE):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) // workers)
