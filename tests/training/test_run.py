"""A tiny run through `train_compact`: resumed exactly, saved whole, stopped by a loss of NaN."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from biprompt.errors import DataError, ModelError, OutputError, WeightsError
from biprompt.training.checkpoints import load_checkpoint, save_checkpoint
from biprompt.training.compact import loop
from biprompt.training.compact.command import RunPlan, export_checkpoint, train_compact
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.log import read_log


def train(recipe: CompactRecipe, data: Path, out: Path, *, resume: bool = False) -> None:
    train_compact(recipe, RunPlan(data, out, resume=resume), lambda line: None)


@pytest.fixture(scope="module")
def straight(data: Path, tiny: CompactRecipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of six steps."""
    out = tmp_path_factory.mktemp("straight") / "run"
    train(tiny, data, out)
    return out


def stop_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Press Ctrl-C in the middle of a step."""
    step = loop.CompactTrainer._step

    def stepping(trainer: loop.CompactTrainer, batch: Any) -> Any:
        values = step(trainer, batch)
        if trainer.progress.step == steps - 1:
            os.kill(os.getpid(), signal.SIGINT)
        return values

    monkeypatch.setattr(loop.CompactTrainer, "_step", stepping)


def tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [t for v in inner for t in tensors(v)] if isinstance(value, dict | list | tuple) else []


def test_a_run_leaves_checkpoints_and_a_log(straight: Path, tiny: CompactRecipe) -> None:
    state = load_checkpoint(straight / "checkpoint.pt")
    assert set(state) == {"model", "average", "optimizer", "best", "progress", "recipe", "labels"}
    assert state["progress"]["step"] == 6 and state["progress"]["samples"] == 12
    assert state["recipe"] == tiny.to_dict()
    assert state["labels"] == ["car", "cat", "cup", "dog"]
    records = read_log(straight)
    assert [r["step"] for r in records if "loss" in r] == [1, 2, 3, 4, 5, 6]
    assert set(records[-1]["validation"]) >= {"one", "best", "five", "text", "gate", "score"}
    best = load_checkpoint(straight / "best.pt")
    assert all(torch.equal(best["model"][n], state["average"][n]) for n in state["average"])


def test_a_resumed_run_ends_at_the_same_weights(
    straight: Path, data: Path, tiny: CompactRecipe, tmp_path: Path, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        stop_after(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            train(tiny, data, tmp_path)
    half = load_checkpoint(tmp_path / "checkpoint.pt")
    assert half["progress"]["step"] == 3 and half["progress"]["samples"] == 6
    train(tiny, data, tmp_path, resume=True)
    once = load_checkpoint(straight / "checkpoint.pt")
    twice = load_checkpoint(tmp_path / "checkpoint.pt")
    assert twice["progress"]["step"] == 6
    for key in ("model", "average", "optimizer"):
        pairs = zip(tensors(once[key]), tensors(twice[key]), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs), key
    losses = [[r["loss"] for r in read_log(run) if "loss" in r] for run in (straight, tmp_path)]
    assert losses[0] == losses[1]


def test_the_weights_move(straight: Path, tiny: CompactRecipe) -> None:
    torch.manual_seed(tiny.seed)
    first = loop.CompactModel().state_dict()
    state = load_checkpoint(straight / "checkpoint.pt")
    learnt = [n for n in first if not n.startswith("semantics.") and first[n].ndim > 1]
    moved = [n for n in learnt if not torch.equal(first[n], state["model"][n])]
    assert len(moved) > 0.9 * len(learnt)


def test_a_resumed_run_keeps_its_recipe(straight: Path, data: Path) -> None:
    plan = RunPlan(data, straight, resume=True)
    recipe = plan.recipe(None, {"steps": 9})
    assert (recipe.steps, recipe.batch, recipe.size) == (9, 2, 64)


def test_a_loss_that_is_not_a_number_keeps_the_last_checkpoint(
    straight: Path, data: Path, tiny: CompactRecipe, tmp_path: Path, monkeypatch
) -> None:
    before = (straight / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.pt").write_bytes(before)
    forward = loop.CompactObjective.forward

    def broken(self, batch, rng, rounds):
        loss, log = forward(self, batch, rng, rounds)
        return loss * float("nan"), log

    monkeypatch.setattr(loop.CompactObjective, "forward", broken)
    longer = dataclasses.replace(tiny, steps=12)
    with pytest.raises(ModelError, match=r"loss of step 7 is nan.*is as it was") as caught:
        train(longer, data, tmp_path, resume=True)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_gradient_that_is_not_a_number_stops_before_the_step(
    data: Path, tiny: CompactRecipe, tmp_path: Path, monkeypatch
) -> None:
    forward = loop.CompactObjective.forward

    def broken(self, batch, rng, rounds):
        loss, log = forward(self, batch, rng, rounds)
        first = next(self.model.decoder.parameters())
        return loss + (first.sum() * 0.0).sqrt(), log  # finite, with an infinite slope

    monkeypatch.setattr(loop.CompactObjective, "forward", broken)
    with pytest.raises(ModelError, match="gradient of step 1"):
        train(tiny, data, tmp_path)
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_checkpoint_is_old_or_new(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, {"model": {"a": torch.zeros(3)}})

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OutputError, match="No space left"):
        save_checkpoint(path, {"model": {"a": torch.ones(3)}})
    assert torch.equal(load_checkpoint(path)["model"]["a"], torch.zeros(3))
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_damaged_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    with pytest.raises(WeightsError, match="nothing there"):
        load_checkpoint(path)
    save_checkpoint(path, {"model": {"a": torch.zeros(300)}})
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(WeightsError, match="a whole one"):
        load_checkpoint(path)
    save_checkpoint(path, {"weights": 1})
    with pytest.raises(WeightsError, match="a model in it"):
        load_checkpoint(path)


def test_a_folder_that_holds_a_run(straight: Path, data: Path, tiny: CompactRecipe) -> None:
    with pytest.raises(DataError, match="--resume"):
        train(tiny, data, straight)


def test_another_model_in_the_checkpoint(
    straight: Path, data: Path, tiny: CompactRecipe, tmp_path: Path
) -> None:
    state = load_checkpoint(straight / "checkpoint.pt")
    state["model"]["decoder.extra"] = state["model"].pop("decoder.masks.bias")
    save_checkpoint(tmp_path / "checkpoint.pt", state)
    with pytest.raises(WeightsError, match=r"no decoder\.masks\.bias, unexpected decoder\.extra"):
        train(tiny, data, tmp_path, resume=True)


def test_other_frozen_blocks_cannot_resume(
    straight: Path, data: Path, tiny: CompactRecipe, tmp_path: Path
) -> None:
    (tmp_path / "checkpoint.pt").write_bytes((straight / "checkpoint.pt").read_bytes())
    frozen = dataclasses.replace(tiny, frozen_blocks=4)
    with pytest.raises(WeightsError, match="as many frozen_blocks"):
        train(frozen, data, tmp_path, resume=True)


def test_the_exported_run_answers(straight: Path, tmp_path: Path) -> None:
    from biprompt.runtime.onnx import OnnxRuntime

    out = tmp_path / "model"
    worst = export_checkpoint(straight / "best.pt", out)
    assert set(worst) == {"encoder", "text", "decoder"} and max(worst.values()) < 0.08
    manifest = json.loads((out / "model.json").read_text())
    assert {"dog", "cup", "cat", "car"} <= set(manifest["known_words"])
    assert manifest["trained"]["step"] == 6
    (features,) = OnnxRuntime(out, threads=1).encode([np.zeros((64, 96, 3), np.uint8)])
    assert features["p4"].shape == (1, 32, 88, 128)
    with pytest.raises(OutputError, match="--force"):
        export_checkpoint(straight / "best.pt", out)


def test_the_exported_run_segments(straight: Path, tmp_path: Path) -> None:
    import biprompt

    export_checkpoint(straight / "checkpoint.pt", tmp_path)
    photo = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    model = biprompt.load(str(tmp_path), threads=1)
    answer = model.segment(photo, points=[(40, 30)], text="dog")
    assert answer.mask.shape == (60, 90)
