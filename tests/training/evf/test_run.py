"""Runs through the command line: what they leave, how they go on, and what stops them."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import time
from pathlib import Path

import pytest
import torch

from biprompt.cli.status import Status
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf import objective

from .conftest import TEN, alone, arguments, losses, same_state, validations

MOMENTS = (None, 0.0, 0.05, 0.02)
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
    assert state["step"] == 8 and state["recipe"]["batch"] == 8
    assert set(state["optimizer"]) == set(state["model"])
    assert [step for step, *_ in losses(straight)] == list(range(1, 9))
    assert [r["step"] for r in validations(straight)] == [3, 6, 8]
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
    assert last.exitcode == 0 and kills >= 3
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
    process.kill()  # SIGKILL
    process.join()
    return process.exitcode == -signal.SIGKILL


def _size(out: Path) -> int:
    log = out / "log.jsonl"
    return log.stat().st_size if log.exists() else 0


def test_other_data_are_noticed(straight: Path, tmp_path: Path, capfd) -> None:
    shutil.copytree(straight, tmp_path / "run")
    process = alone(arguments(TEN, tmp_path / "run", "--resume"))
    process.join()
    said = capfd.readouterr().out
    assert process.exitcode == 0
    assert "not the data the run began with (pictures: things 8 (100 %); held out: 3)" in said


def test_workers_change_nothing(straight: Path, data: Path, tmp_path: Path) -> None:
    process = alone(arguments(data / "things", tmp_path / "run", workers=2))
    process.join()
    assert process.exitcode == 0 and same_state(tmp_path / "run", straight)


def test_a_loss_that_is_not_a_number_names_step_and_samples(
    small_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, calls = objective.bce_loss, []

    def spoilt(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        calls.append(len(target))
        loss = usual(logits, target)
        return loss * float("nan") if len(calls) == 5 * 8 else loss  # the last picture of step 5

    monkeypatch.setattr(objective, "bce_loss", spoilt)
    status, _, err = small_run(tmp_path / "run", validate_every=100)
    assert status == 1 and len(err.splitlines()) == 1
    assert re.search(r"the loss of step 5 is nan, samples things/photo-\d+\.png '[^']+'", err)
    assert "checkpoint.pt is as it was" in err
    assert load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"] == 4
    assert [step for step, *_ in losses(tmp_path / "run")] == [1, 2, 3, 4]


def test_a_gradient_that_is_not_a_number_stops_before_the_step(
    small_run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = objective.dice_loss

    def steep(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return usual(logits, target) + (logits * 0.0).sum().sqrt()  # 0, with an infinite slope

    monkeypatch.setattr(objective, "dice_loss", steep)
    status, _, err = small_run(tmp_path / "run")
    assert status == 1 and "the gradient of step 1 is nan, samples things/" in err
    assert load_checkpoint(tmp_path / "run" / "checkpoint.pt")["step"] == 0


def test_a_full_disk_is_one_line_and_the_earlier_checkpoint_stays(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    limit = 400_000  # more than the tokenizer, less than a checkpoint with weights
    process = alone(arguments(data / "things", out), lambda: no_more_than(limit))
    process.join()
    lines = capfd.readouterr().err.splitlines()
    assert process.exitcode == 2 and len(lines) == 1
    assert "checkpoint.pt: output file: expected a writable file, got File too large" in lines[0]
    assert load_checkpoint(out / "checkpoint.pt")["step"] == 0
    assert not list(out.glob(".biprompt-*"))


def no_more_than(nbytes: int) -> None:
    """Let no file of this process grow beyond a size, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (nbytes, nbytes))


def test_ctrl_c_saves_and_the_run_goes_on(straight: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = alone(arguments(data / "things", out, save_every=1000))
    while _size(out) == 0 and process.is_alive():
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGINT)
    process.join()
    assert process.exitcode == Status.INTERRUPTED
    assert 0 < load_checkpoint(out / "checkpoint.pt")["step"] < 8
    last = alone(arguments(data / "things", out, "--resume"))
    last.join()
    assert last.exitcode == 0 and same_state(out, straight)


def test_a_run_is_not_begun_in_anothers_folder(straight: Path, data: Path, capfd) -> None:
    process = alone(arguments(data / "things", straight))
    process.join()
    assert process.exitcode == 2
    assert "output folder: expected an empty one, or --resume, got a run" in capfd.readouterr().err
