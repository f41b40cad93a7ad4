"""Runs through the command line: what they leave, how they go on, and what stops them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from biprompt.training.checkpoints import load_checkpoint

from .conftest import alone, arguments, losses, same_state, validations

MOMENTS = (None, 0.0, 0.07, 0.02, 0.05, 0.11)
"""When a run is killed: while it starts, or so many seconds after it has made a step."""


@pytest.fixture(scope="module")
def straight(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing interrupted."""
    out = tmp_path_factory.mktemp("straight") / "run"
    process = alone(arguments(data / "things", out))
    process.join()
    assert process.exitcode == 0
    return out


def test_a_run_leaves_a_checkpoint_a_log_and_the_best_weights(straight: Path) -> None:
    state = load_checkpoint(straight / "checkpoint.pt")
    assert state["step"] == 12 and state["recipe"]["batch"] == 8
    assert set(state["optimizer"]) == set(state["model"])
    assert [step for step, *_ in losses(straight)] == list(range(1, 13))
    assert [r["step"] for r in validations(straight)] == [3, 6, 9, 12]
    assert max(r["validation"]["ciou"] for r in validations(straight)) == state["best"]
    assert {p.name for p in (straight / "best").iterdir()} == {
        "model.safetensors", "sentencepiece.bpe.model",
    }  # fmt: skip


def test_killed_at_any_moment_it_goes_on_bit_for_bit(
    straight: Path, data: Path, tmp_path: Path
) -> None:
    out, kills = tmp_path / "run", 0
    for moment in MOMENTS:
        kills += _killed(arguments(data / "things", out, *_again(out)), out, moment)
    last = alone(arguments(data / "things", out, *_again(out)))
    last.join()
    assert last.exitcode == 0 and kills == len(MOMENTS)
    assert losses(out) == losses(straight)
    assert validations(out) == validations(straight)
    assert same_state(out, straight)
    exported = [(run / "best" / "model.safetensors").read_bytes() for run in (out, straight)]
    assert exported[0] == exported[1]


def _again(out: Path) -> list[str]:
    return ["--resume"] if (out / "checkpoint.pt").exists() else []


def _killed(arguments: list[str], out: Path, moment: float | None) -> bool:
    """Start a run, and kill it so many seconds after its next line of the log, or before it."""
    before = _size(out)
    process = alone(arguments)
    if moment is None:
        process.join(0.3)
    else:
        while _size(out) == before and process.is_alive():
            time.sleep(0.002)
        process.join(moment)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return process.exitcode == -signal.SIGKILL


def _size(out: Path) -> int:
    log = out / "log.jsonl"
    return log.stat().st_size if log.exists() else 0
