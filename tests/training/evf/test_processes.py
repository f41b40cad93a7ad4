"""Two processes make the run that one makes alone; divided weights make whole checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from biprompt.cli.status import Status
from biprompt.training.checkpoints import load_checkpoint

from .conftest import alone, arguments, in_processes, losses, validations

CLOSE = {"rel": 2e-5, "abs": 2e-6}
"""Sums of the same float32 numbers in another order."""


@pytest.fixture(scope="module")
def one(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process that takes a step in four passes."""
    out = tmp_path_factory.mktemp("one") / "run"
    process = alone(arguments(data / "things", out, steps=3, micro_batch=2, tiny_beit_layers=1))
    process.join()
    assert process.exitcode == 0
    return out


def same_run(one: Path, other: Path) -> None:
    pairs = zip(losses(one), losses(other), strict=True)
    assert all(b == pytest.approx(a, **CLOSE) for a, b in pairs)
    for a, b in zip(validations(one), validations(other), strict=True):
        assert b["validation"] == pytest.approx(a["validation"], abs=2e-3)
    weights = [load_file(run / "best" / "model.safetensors") for run in (one, other)]
    assert weights[0].keys() == weights[1].keys()
    worst = max(float((weights[0][n] - weights[1][n]).abs().max()) for n in weights[0])
    assert worst < 1e-3


def test_accumulation_changes_nothing(one: Path, data: Path, tmp_path: Path) -> None:
    process = alone(
        arguments(data / "things", tmp_path / "run", steps=3, micro_batch=8, tiny_beit_layers=1)
    )
    process.join()
    same_run(one, tmp_path / "run")


def test_two_processes_make_the_same_run(one: Path, data: Path, tmp_path: Path) -> None:
    in_processes(
        arguments(data / "things", tmp_path / "run", steps=3, micro_batch=2, tiny_beit_layers=1), 2
    )
    same_run(one, tmp_path / "run")


def divided() -> None:
    """Make accelerate share out the weights (FSDP 2), which by itself it does on GPUs alone."""
    from accelerate import FullyShardedDataParallelPlugin
    from accelerate.state import PartialState
    from accelerate.utils import DistributedType

    from biprompt.training.evf import command

    made = command.accelerator_for

    def accelerator_for(recipe: Any) -> Any:
        accelerator = made(recipe)
        plugin = FullyShardedDataParallelPlugin(
            fsdp_version=2,
            auto_wrap_policy="transformer_based_wrap",
            transformer_cls_names_to_wrap=["EncoderLayer"],
            reshard_after_forward=True,
            cpu_ram_efficient_loading=False,
            state_dict_type="FULL_STATE_DICT",
        )
        PartialState._shared_state["distributed_type"] = DistributedType.FSDP
        accelerator.state.distributed_type = DistributedType.FSDP
        accelerator.state.fsdp_plugin = plugin
        return accelerator

    command.accelerator_for = accelerator_for


def divided_and_stopped() -> None:
    """The same, with Ctrl-C in the first step."""
    from biprompt.training.evf.loop import EvfTrainer

    divided()
    EvfTrainer._agreed = lambda trainer, asked: trainer.step == 1  # type: ignore[method-assign]


def test_weights_that_are_shared_out_make_the_same_run(
    one: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    first = arguments(data / "things", out, steps=3, micro_batch=2, tiny_beit_layers=1)
    in_processes(first, 2, divided_and_stopped, Status.INTERRUPTED)
    assert load_checkpoint(out / "checkpoint.pt")["step"] == 1
    in_processes([*first, "--resume"], 2, divided)
    same_run(one, out)
