"""A network so small that a step takes milliseconds, and runs of it through the command line."""

from __future__ import annotations

import multiprocessing
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from biprompt.cli import main
from biprompt.cli.status import Status
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf import command  # noqa: F401  # here once, not in every process anew
from biprompt.training.log import read_log

TEN = Path(__file__).parent / "ten"
SMALL = {
    "tiny_canvas": 64, "tiny_beit_side": 32, "tiny_sam_dim": 32, "tiny_sam_layers": 1,
    "tiny_decoder_dim": 32, "tiny_beit_dim": 32, "tiny_beit_layers": 2,
    "steps": 8, "batch": 8, "micro_batch": 4, "warmup": 2, "rate": 0.003, "weight_decay": 0.01,
    "log_every": 1, "save_every": 2, "validate_every": 3, "threads": 1,
}  # fmt: skip


def arguments(data: Path, out: Path, *more: str, **changes: Any) -> list[str]:
    """Return what the command line is given for a small run."""
    fields = [f"--set={name}={_toml(value)}" for name, value in (SMALL | changes).items()]
    where = ["--data", str(data), "--out", str(out)]
    return ["train", "evf-sam", *where, "--tiny", *fields, *more]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def in_processes(
    arguments: list[str],
    count: int,
    prepare: Callable[[], None] | None = None,
    status: Status = Status.FOUND,
) -> None:
    """Run the command in processes of one group, as `torchrun` starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    context = multiprocessing.get_context("fork")
    group = [
        context.Process(target=_member, args=(arguments, rank, count, port, prepare))
        for rank in range(count)
    ]
    for process in group:
        process.start()
    for process in group:
        process.join(100)
    assert [process.exitcode for process in group] == [int(status)] * count


def alone(
    arguments: list[str], prepare: Callable[[], None] = lambda: None
) -> multiprocessing.context.ForkProcess:
    """Start the command in a process of its own."""
    process = multiprocessing.get_context("fork").Process(target=_single, args=(arguments, prepare))
    process.start()
    return process


def _member(
    arguments: list[str], rank: int, count: int, port: str, prepare: Callable[[], None] | None
) -> None:
    os.environ |= {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    _fresh()
    if prepare is not None:
        prepare()
    status = main(arguments)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()
    os._exit(int(status))


def _single(arguments: list[str], prepare: Callable[[], None]) -> None:
    _fresh()
    prepare()
    os._exit(int(main(arguments)))


def _fresh() -> None:
    """Forget what accelerate knew of the process that this one was forked from."""
    from accelerate.state import AcceleratorState, PartialState

    AcceleratorState._reset_state(reset_partial_state=True)
    PartialState._reset_state()
    torch.set_num_threads(1)


def losses(run: Path) -> list[tuple[int, float, float, float]]:
    """Return the log's steps with all that has to be the same, to the last bit."""
    return [(r["step"], r["loss"], r["norm"], r["rate"]) for r in read_log(run) if "loss" in r]


def validations(run: Path) -> list[dict[str, Any]]:
    return [r for r in read_log(run) if "validation" in r]


def same_state(one: Path, two: Path) -> bool:
    """Return whether two runs have come to the same weights and optimiser, bit for bit."""
    first, second = (load_checkpoint(run / "checkpoint.pt") for run in (one, two))
    pairs = [(first[key], second[key]) for key in ("model", "optimizer")]
    return all(_same(a, b) for a, b in pairs) and first["best"] == second["best"]


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)


@pytest.fixture
def small_run(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process; status, output and errors."""

    def run(out: Path, *more: str, **changes: Any) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(arguments(data / "things", out, *more, **changes))
        printed = capsys.readouterr()
        return int(status), printed.out, printed.err

    return run
