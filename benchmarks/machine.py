"""Where a number was measured. ``python -m benchmarks.machine`` prints it."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from biprompt.evaluation.provenance import run_facts

_MORE_PACKAGES = ("opencv-python-headless", "transformers")
_THREADS = ("BIPROMPT_THREADS", "OMP_NUM_THREADS")


def facts() -> dict[str, Any]:
    """Return date, commit, command, machine and versions; plain JSON values."""
    found = run_facts(f"python -m benchmarks {shlex.join(sys.argv[1:])}".strip())
    found["packages"] |= {name: there for name in _MORE_PACKAGES if (there := _version(name))}
    return found | {
        "cpu": _cpu(),
        "cores": _cores(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
        "load_before": os.getloadavg()[0],
    }


def lines(found: dict[str, Any]) -> list[str]:
    """Return the facts as lines of text."""
    packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
    threads = ", ".join(f"{name}={value}" for name, value in found["threads"].items())
    return [
        f"measured {found['date']} at commit {found['commit'] or 'unknown'}",
        f"{found['cpu']}, {found['cores']} cores, {found['memory_bytes'] / 1e9:.0f} GB, "
        f"{platform.system()}; load {found['load_before']:.1f} before the start",
        f"threads: {threads or 'the default, one for each core'}",
        f"Python {found['python']}, biprompt {found['version']}, {packages}",
    ]


def _cpu() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown processor"


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    print("\n".join(lines(facts())))
