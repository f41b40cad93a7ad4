"""Whole processes, from a cold start to files written: seconds and peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.photograph import CLICKS, PHRASES
from benchmarks.timing import Sample, gather

LAUNCH = Path(__file__).with_name("launch.py")


def segment_command(photograph: Path, model: str, folder: Path) -> list[str]:
    """`biprompt segment` with a click and a phrase, writing mask, overlay and card."""
    x, y = CLICKS[0]
    return [
        *(sys.executable, "-m", "biprompt", "segment", str(photograph), "--model", model),
        *("--point", f"{x},{y}", "--text", PHRASES[0], "--no-cache", "--json"),
        *("-o", str(folder / "mask.png"), "--overlay", str(folder / "overlay.png")),
        *("--card", str(folder / "card.png")),
    ]


def grabcut_command(photograph: Path, folder: Path) -> list[str]:
    """GrabCut with a box, writing the mask."""
    return [sys.executable, "-m", "benchmarks.grabcut", str(photograph), str(folder / "mask.png")]


def fresh(command_for: Callable[[Path], list[str]], times: int) -> tuple[Sample, Sample]:
    """Run a command `times` times and once before, which fills the caches of the file system.

    Args:
        command_for: the command line, given an empty folder to write to.
        times: runs that count.

    Returns:
        Seconds and peak bytes of resident memory.

    Raises:
        RuntimeError: a run failed.
    """
    runs = [_once(command_for) for _ in range(times + 1)][1:]
    return gather(run["seconds"] for run in runs), gather(run["peak_bytes"] for run in runs)


def _once(command_for: Callable[[Path], list[str]]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        command = command_for(Path(name))
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAUNCH), *command],
            stdout=subprocess.PIPE, text=True, check=True,
            env={**os.environ, "BIPROMPT_CACHE": str(Path(name) / "cache")},
        )  # fmt: skip
    run: dict[str, float] = json.loads(done.stdout)
    if run["status"] != 0:
        raise RuntimeError(f"exit status {run['status']} of: {' '.join(command)}")
    return run
