"""A tiny run through `train_guided`: resumed exactly, and answering like any model."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import biprompt  # noqa: E402
from biprompt.errors import DataError, PromptError, WeightsError  # noqa: E402
from biprompt.models.guided import GuidedNetwork  # noqa: E402
from biprompt.training.checkpoints import load_checkpoint  # noqa: E402
from biprompt.training.guided import loop  # noqa: E402
from biprompt.training.guided.command import RunPlan, train_guided  # noqa: E402
from biprompt.training.guided.recipe import FOLDERS, RECIPE_FILE, load_recipe  # noqa: E402
from biprompt.training.guided.samples import ClickSamples, read_sources  # noqa: E402
from biprompt.training.guided.weights import load_backbone, parameter_groups  # noqa: E402
from biprompt.training.log import read_log  # noqa: E402
from biprompt.zoo.guided import read_guided  # noqa: E402

TINY = {
    "folders": {"things": 1.0}, "steps": 4, "batch": 2, "size": 64, "long_side": 64, "rounds": 1,
    "held_out": 2, "save_every": 2, "validate_every": 4, "log_every": 1, "warmup": 1, "threads": 1,
}  # fmt: skip


def train(data: Path, out: Path, *, resume: bool = False, **changes: Any) -> Path:
    recipe = load_recipe(None, TINY | changes)
    return train_guided(recipe, RunPlan(data, out, resume=resume), lambda line: None)


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(data, tmp_path_factory.mktemp("guided") / "run")


def test_a_run_leaves_a_log_a_checkpoint_and_a_model(run: Path) -> None:
    state = load_checkpoint(run / "checkpoint.pt")
    assert state["step"] == 4 and state["recipe"]["fusion"] == "one-stream"
    records = read_log(run)
    assert [one["step"] for one in records] == [1, 2, 3, 4, 4]
    assert set(records[-1]["validation"]) == {"iou1", "iou3", "iou5", "score"}
    network, facts = read_guided(run)
    assert facts.encoding == "disk" and facts.trained["steps"] == 4
    for name, value in network.state_dict().items():
        assert torch.equal(value, state["model"][name]), name


def test_a_stopped_run_goes_on_as_if_nothing_had_been(
    run: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = loop.GuidedTrainer._learn

    def stopped(trainer: loop.GuidedTrainer) -> Any:
        if trainer.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return learn(trainer)

    monkeypatch.setattr(loop.GuidedTrainer, "_learn", stopped)
    with pytest.raises(KeyboardInterrupt):
        train(data, tmp_path)
    assert load_checkpoint(tmp_path / "checkpoint.pt")["step"] == 3
    monkeypatch.undo()
    with pytest.raises(DataError, match="an empty one, or --resume"):
        train(data, tmp_path)
    plan = RunPlan(data, tmp_path, resume=True)
    train_guided(plan.recipe(None, {}), plan, lambda line: None)
    mine, straight = (load_checkpoint(folder / "checkpoint.pt") for folder in (tmp_path, run))
    for name, value in straight["model"].items():
        assert torch.equal(value, mine["model"][name]), name
    losses = [[one["loss"] for one in read_log(each) if "loss" in one] for each in (tmp_path, run)]
    assert losses[0] == losses[1]


@pytest.mark.parametrize(
    ("encoding", "fusion"), [("scale-aware", "two-stream"), ("geodesic", "concatenation")]
)
def test_it_answers_like_any_model(encoding: str, fusion: str, data: Path, tmp_path: Path) -> None:
    train(data, tmp_path, steps=1, encoding=encoding, fusion=fusion)
    model = biprompt.load(tmp_path)
    assert model.name == f"guided {encoding} {fusion}"
    image = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)
    scene = model.embed(image)
    first = model.segment(scene, points=[(60, 40)])
    assert first.mask.shape == (90, 130) and len(first.card.candidates) == 1
    again = model.segment(scene, points=[(60, 40), (129.9, 89.9)], labels=[1, 0], mask=first)
    assert 0 <= again.card.candidates[0].score <= 1
    boxed = model.segment(scene, box=(30, 20, 100, 80))
    outside = np.ones((90, 130), bool)
    outside[14:86, 24:106] = False  # a cell of four model pixels is about eight of the image
    assert not (boxed.mask & outside).any()
    many = model.segment_many(scene, [first.prompt, boxed.prompt])
    np.testing.assert_array_equal(many[0].mask, first.mask)
    np.testing.assert_array_equal(many[1].mask, boxed.mask)
    with pytest.raises(PromptError, match="text: expected prompts that guided"):
        model.segment(scene, text="a dog")


def test_dense_features_are_those_of_two_streams(data: Path, tmp_path: Path) -> None:
    image = np.zeros((64, 96, 3), np.uint8)
    late = biprompt.load(train(data, tmp_path / "late", steps=1, fusion="two-stream"))
    assert late.runtime.dense(late.embed(image)).ndim == 3
    early = biprompt.load(train(data, tmp_path / "early", steps=1))
    with pytest.raises(PromptError, match="sees an image only with its clicks on it"):
        early.runtime.dense(early.embed(image))


def test_it_goes_beside_a_model_that_reads_words(run: Path) -> None:
    pair = biprompt.load(run, text_model="compact")
    answer = pair.segment(np.zeros((64, 96, 3), np.uint8), points=[(40, 30)], text="dog")
    assert answer.card.text_mask is not None or answer.presence is not None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda tree: tree.update(version=9), "version 1"),
        (lambda tree: tree.update(encoding="rings"), "a known encoding and fusion"),
        (lambda tree: tree["network"].update(maps=3), "2 maps, as disk has"),
        (lambda tree: tree["network"].update(width4=16), "tensors that guided.json describes"),
        (lambda tree: tree["network"].update(depth=1), "its sizes"),
        (lambda tree: tree.update(sha256="0" * 64), "sha256"),
        (lambda tree: tree.pop("long_side"), "long_side"),
    ],
)
def test_damaged_folders_are_told_in_one_line(
    change: Any, says: str, run: Path, tmp_path: Path
) -> None:
    tree = json.loads((run / "guided.json").read_text())
    change(tree)
    (tmp_path / "guided.json").write_text(json.dumps(tree))
    (tmp_path / "guided.safetensors").write_bytes((run / "guided.safetensors").read_bytes())
    with pytest.raises(WeightsError) as caught:
        biprompt.load(tmp_path)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_the_file_of_defaults_is_the_defaults() -> None:
    assert load_recipe(RECIPE_FILE, {}) == load_recipe(None, {})
    assert list(load_recipe(None, {}).folders) == list(FOLDERS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"encoding": "rings"}, "recipe field encoding"),
        ({"fusion": "none"}, "recipe field fusion"),
        ({"size": 100}, "recipe field size: expected a multiple of 32"),
        ({"folders": {}}, "recipe field folders: expected at least one"),
        ({"folders": {"a": -1}}, "recipe field folders.a"),
        ({"colour": 1}, "recipe field: expected"),
    ],
)
def test_wrong_recipes_are_told(change: dict[str, Any], says: str) -> None:
    with pytest.raises(DataError, match=says):
        load_recipe(None, change)


def test_samples_depend_on_seed_and_index_alone(data: Path) -> None:
    sources = read_sources(data, {"things": 1.0}, validation=False)
    one, other = (ClickSamples(sources, 64, seed=0) for _ in range(2))
    other[3]
    image, target = one[5]
    np.testing.assert_array_equal(image, other[5].image)
    np.testing.assert_array_equal(target, other[5].target)
    assert image.shape == (64, 64, 3) and target.sum() >= 96
    assert not np.array_equal(image, ClickSamples(sources, 64, seed=1)[5].image)


@pytest.mark.parametrize("fusion", ["one-stream", "concatenation"])
def test_pretrained_weights_fill_the_backbone(fusion: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.manual_seed(0)
    recipe = load_recipe(None, {"fusion": fusion})
    donor = GuidedNetwork(load_recipe(None, {}).config).backbone.state_dict()
    save_file({f"backbone.{name}": value for name, value in donor.items()}, tmp_path / "w")
    network = GuidedNetwork(recipe.config)
    new = network._stem.conv.weight[:, 3:].clone()
    load_backbone(network, tmp_path / "w")
    for name, value in network.backbone.state_dict().items():
        assert torch.equal(value[:, :3] if name.endswith("0.conv.weight") else value, donor[name])
    assert torch.equal(network._stem.conv.weight[:, 3:], new)
    slow = [group for group in parameter_groups(network, recipe) if group["scale"] == 0.2]
    widened = any(p is network._stem.conv.weight for group in slow for p in group["params"])
    assert widened == (fusion == "one-stream")
    save_file({"other": torch.zeros(1)}, tmp_path / "w")
    with pytest.raises(WeightsError, match=r"features\.0\.conv\.weight"):
        load_backbone(network, tmp_path / "w")
