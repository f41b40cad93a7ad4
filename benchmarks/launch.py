"""Run one command in a fresh process: print its seconds, peak memory and exit status as JSON.

A script of its own, and small: Linux counts the memory of the process that starts another into the
peak of the other. It imports next to nothing and is run without site packages.
"""

from __future__ import annotations

import json
import os
import sys
import time

# macOS counts in bytes, the others in kibibytes.
_UNIT = 1 if sys.platform == "darwin" else 1024


def run(command: list[str]) -> dict[str, float]:
    """Run a command to its end, its standard output thrown away."""
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    started = time.perf_counter()
    child = os.posix_spawn(command[0], command, os.environ, file_actions=silent)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "peak_bytes": usage.ru_maxrss * _UNIT,
        "status": os.waitstatus_to_exitcode(status),
    }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
