"""A real process, killed at any moment: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biprompt.labeling.order import Order

COUNT = 40
PROGRAM = """
import sys
from label_work import Load
from biprompt.labeling.order import How, Order
from biprompt.labeling.prompts import read_prompts
from biprompt.labeling.run import label

if __name__ == "__main__":
    images, out, trace, slow, workers = sys.argv[1:]
    load = Load(read_prompts("cat").common, out, slow=float(slow), trace=trace)
    label(Order(images, "cat", out), How(workers=int(workers)), load)
"""


@pytest.fixture
def start(tmp_path: Path, work: Any) -> Callable[..., subprocess.Popen[bytes]]:
    """Begin to label forty images in a process of its own."""
    work.write_images(tmp_path / "images", COUNT)
    (tmp_path / "program.py").write_text(PROGRAM)

    def start(slow: float = 0.06, workers: int = 2) -> subprocess.Popen[bytes]:
        paths = [str(Path(__file__).parent), *filter(None, sys.path)]
        command = [sys.executable, str(tmp_path / "program.py"), str(tmp_path / "images")]
        command += [str(tmp_path / "out"), str(tmp_path / "trace"), str(slow), str(workers)]
        around = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        return subprocess.Popen(command, env=around, stderr=subprocess.DEVNULL)

    return start


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    for _ in range(12_000):
        if condition() or process.poll() is not None:
            return
        time.sleep(0.01)
    process.kill()
    pytest.fail("it took too long")


def lines(out: Path) -> int:
    shards = out / "run" / "shards"
    return sum(p.read_bytes().count(b"\n") for p in shards.iterdir()) if shards.exists() else 0


def test_killed_again_and_again_it_ends_where_an_uninterrupted_run_does(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, label: Any, desk: None
) -> None:
    out, kept = tmp_path / "out", 0
    for enough in (5, 20):
        process = start()
        wait_for(lambda enough=enough: lines(out) >= enough, process)  # type: ignore[misc]
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert kept < lines(out) < COUNT
        kept = lines(out)
        time.sleep(0.2)  # workers that lost their master end by themselves
    before = (tmp_path / "trace").read_text().split()
    process = start(slow=0)
    assert process.wait(120) == 0

    tried = (tmp_path / "trace").read_text().split()
    assert set(tried) == {f"{n:03d}.png" for n in range(COUNT)}
    # Done again is only what was on its way when the kill came.
    assert len(tried) - COUNT <= 2 * 2 * 3 and len(before) < len(tried)
    label(Order(str(tmp_path / "images"), "cat", str(tmp_path / "whole")))
    for name in ("instances.json", "review.jsonl", "summary.json"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_killed_while_it_assembles_it_assembles_again(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path, label: Any, desk: None
) -> None:
    order = Order(str(tmp_path / "images"), "cat", str(tmp_path / "out"))
    label(order)
    whole = (tmp_path / "out" / "instances.json").read_bytes()
    for name in ("run/assembled.json", "instances.json"):
        (tmp_path / "out" / name).unlink()
    label(order, trace=str(tmp_path / "trace"))
    assert (tmp_path / "out" / "instances.json").read_bytes() == whole
    assert not (tmp_path / "trace").exists()


def test_interrupted_from_the_terminal_no_worker_stays(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    process = start(slow=0.05, workers=1)
    wait_for(lambda: lines(tmp_path / "out") >= 2, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) != 0
    count = lines(tmp_path / "out")
    time.sleep(0.3)
    assert lines(tmp_path / "out") == count < COUNT
    tried = len((tmp_path / "trace").read_text().split())
    assert tried - count <= 3
