"""Ctrl-C in a real `biprompt evaluate` with worker processes: it ends cleanly, and goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.evaluation.runs import RECORDS

PATIENCE = 120.0


@pytest.fixture
def root(tmp_path: Path, tools: Any) -> Path:
    photos = {f"{n:02}{file}": tools.PHOTOS[file] for n in range(8) for file in tools.PHOTOS}
    made: Path = tools.write_set(tmp_path / "many", photos, ["cup", "dog", "zebra"])
    return made


def start(root: Path, out: Path, processes: int) -> subprocess.Popen[str]:
    """Start the command as a terminal does: it leads the group that Ctrl-C is sent to."""
    code = "import signal, sys; from biprompt.cli import main;" \
        "signal.signal(signal.SIGINT, signal.default_int_handler);" \
        "sys.exit(main(sys.argv[1:]))"  # fmt: skip
    words = ("evaluate", "absence", "--data", root, "--out", out, "--processes", processes)
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "BIPROMPT_THREADS": "1"},
    )


def kept(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def wait_for(lines: int, out: Path, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while sum(content.count(b"\n") for content in kept(out).values()) < lines:
        assert process.poll() is None and time.monotonic() < until, process.communicate()
        time.sleep(0.01)


def is_gone(group: int) -> bool:
    """Whether no process of the group is left; the last ones may take a moment."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are not known here")
def test_ctrl_c_and_again(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "parts"
    process = start(root, out, 2)
    wait_for(4, out, process)
    os.killpg(process.pid, signal.SIGINT)
    told, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told) == (130, "")
    assert errors.splitlines()[-1] == "biprompt: interrupted" and "Traceback" not in errors
    assert is_gone(process.pid)
    assert not list(out.glob("absence-*"))
    before = kept(out)

    runs = {out: start(root, out, 2), tmp_path / "whole": start(root, tmp_path / "whole", 1)}
    for each in runs.values():
        told, errors = each.communicate(timeout=PATIENCE)
        assert each.returncode == 0, errors
        assert len(told.split()) == 3
    after, whole = kept(out), kept(tmp_path / "whole")
    assert after == whole
    for name, content in before.items():
        assert after[name].startswith(content)
    found, expected = (json.loads((folder / "absence-many.json").read_text()) for folder in runs)
    np.testing.assert_equal(found["results"], expected["results"])
    assert found["settings"] == expected["settings"] and found["data"] == expected["data"]
