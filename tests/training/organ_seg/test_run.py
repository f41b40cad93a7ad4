"""The whole way: volumes, pairs, training, checkpoint, answers through the public API."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import biprompt
from biprompt.cli import main
from biprompt.errors import WeightsError
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.log import read_log
from biprompt.training.organ_seg import loop
from biprompt.training.organ_seg.pairs import PairSet, read_pairs
from biprompt.training.organ_seg.recipe import OrganRecipe

pytest.importorskip("peft")

LEAST_DICE = 0.6
"""Of the phantoms that it learnt; the masks of the tiny SAM have 16 x 16 cells."""
SMALL = {
    "asks": "question", "turns": "plain", "workers": 0, "threads": 1, "batch": 17,
    "micro_batch": 17, "rate": 0.003, "warmup": 10, "hidden": 64, "lora_dropout": 0.0,
    "train_mask_decoder": True, "checkpoint_activations": False, "log_every": 5,
    "save_every": 1000, "validate_every": 1000, "steps": 160,
}  # fmt: skip

Trained = Callable[..., list[str]]


@pytest.fixture(scope="session")
def arguments(pairs: Path, language: Path, sam: Path) -> Trained:
    def made(out: Path, *more: str, **changes: Any) -> list[str]:
        fields = [f"--set={name}={_toml(value)}" for name, value in (SMALL | changes).items()]
        where = ["--pairs", str(pairs), "--vision-language", str(language), "--sam", str(sam)]
        return ["train", "organ-seg", *where, "-o", str(out), "--device", "cpu", *fields, *more]

    return made


def _toml(value: Any) -> str:
    return json.dumps(value)


@pytest.fixture(scope="session")
def run(arguments: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "one"
    assert main(arguments(out)) == 0
    return out


@pytest.fixture(scope="session")
def model(run: Path) -> Any:
    return biprompt.load(run / "best", device="cpu")


@pytest.fixture(scope="session")
def asked(pairs: Path) -> PairSet:
    return read_pairs(pairs)


def test_it_learns_what_it_is_shown(model: Any, asked: PairSet) -> None:
    dice = []
    for pair in asked.of("train"):
        answer = model.segment(asked.root / pair.slice, text=pair.question)
        if pair.kind == "present":
            assert answer.verdict == "found", pair
            assert f"nearest to {pair.organ} (similarity" in answer.card.reason, pair
            truth = asked.mask(pair)
            both = (answer.mask & truth).sum()
            dice.append(2 * both / (answer.mask.sum() + truth.sum()))
        else:
            assert answer.verdict == "absent" and not answer.mask.any(), pair
            assert answer.presence < 0.5
            assert "Refused: " in answer.card.reason
            assert "none of them (similarity" in answer.card.reason
    assert np.mean(dice) > LEAST_DICE


def test_the_log_and_the_losses(run: Path) -> None:
    records = [record for record in read_log(run) if "loss" in record]
    assert records[0]["ce"] > 1.0 > 0.1 > records[-1]["ce"]
    assert records[-1]["dice"] < 0.5 < records[0]["dice"]
    assert records[-1]["loss"] == pytest.approx(records[-1]["ce"] + records[-1]["dice"])
    (measured,) = [record["validation"] for record in read_log(run) if "validation" in record]
    assert {"accuracy", "dice", "refused", "refused_wrongly", "score"} <= measured.keys()


def test_only_what_may_learn_has_learnt(run: Path) -> None:
    names = load_checkpoint(run / "checkpoint.pt")["model"].keys()
    starts = {name.split(".")[0] for name in names}
    assert starts == {"segment", "interest", "log_scale", "language", "sam"}
    assert all("lora_" in name for name in names if name.startswith("language."))
    assert all(".mask_decoder." in f".{name}" for name in names if name.startswith("sam."))


def test_the_command_answers(
    run: Path, asked: PairSet, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    there = next(pair for pair in asked.of("train") if pair.organ == "spleen")
    missing = next(pair for pair in asked.of("train") if pair.kind == "absent")
    for pair, status in ((there, 0), (missing, 3)):
        argv = ["segment", str(asked.root / pair.slice), "--text", pair.question, "--json",
                "--model", str(run / "best"), "-o", str(tmp_path / f"{status}.png"),
                "--device", "cpu", "--no-cache"]  # fmt: skip
        assert main(argv) == status
        answer = json.loads(capsys.readouterr().out)
        assert ("none of them" in answer["reason"]) and (answer["area"] > 0) == (status == 0)


def test_the_command_answers_about_a_volume(
    run: Path, asked: PairSet, phantoms: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    there = next(pair for pair in asked.of("train") if pair.organ == "spleen")
    missing = next(pair for pair in asked.of("train") if pair.kind == "absent")
    for pair, status in ((there, 0), (missing, 3)):
        scan, out = phantoms / f"images/{pair.volume}_0000.nii.gz", tmp_path / f"{status}.nii.gz"
        argv = ["segment", str(scan), "--slice", str(pair.index), "--text", pair.question,
                "--model", str(run / "best"), "-o", str(out), "--device", "cpu"]  # fmt: skip
        assert main(argv) == status
        assert "none of them (similarity" in capsys.readouterr().out
        nibabel = pytest.importorskip("nibabel")
        mask = np.asarray(nibabel.load(out).dataobj)
        # Stored to the right and to the front; a slice is seen from the front and from the right.
        seen = mask[::-1, ::-1, pair.index].T > 0
        truth = asked.mask(pair)
        assert 2 * (seen & truth).sum() >= LEAST_DICE * (seen.sum() + truth.sum())
        assert mask.any() == (status == 0)


def test_layers_that_are_worked_out_again_change_nothing(
    arguments: Trained, tmp_path: Path
) -> None:
    for again in (True, False):
        out = tmp_path / str(again)
        assert main(arguments(out, steps=2, held_out=0, checkpoint_activations=again)) == 0
    with_, without = (load_checkpoint(tmp_path / str(again) / "checkpoint.pt")["model"]
                      for again in (True, False))  # fmt: skip
    for name, value in without.items():
        torch.testing.assert_close(with_[name], value, msg=name)


def test_the_question_alone_can_be_refused(model: Any, asked: PairSet) -> None:
    # The model itself has never seen such words, and says what it likes.
    answer = model.segment(asked.root / asked.pairs[0].slice, text="Wo ist die Leber?")
    assert answer.verdict == "absent" and "Only English is read" in answer.card.reason


def test_it_can_be_pointed_at(model: Any, asked: PairSet) -> None:
    answer = model.segment(asked.root / asked.pairs[0].slice, box=(10, 10, 30, 30))
    assert answer.mask.shape == (64, 64) and answer.phrase is None


class Killed(Exception):
    pass


def test_a_killed_run_goes_on_as_if_nothing_had_been(
    arguments: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"steps": 6, "save_every": 2, "held_out": 0, "log_every": 1}
    assert main(arguments(tmp_path / "whole", **changes)) == 0
    learn = loop.OrganTrainer._learn

    def killed(self: Any, passes: Any) -> Any:
        if self.step == 5:
            raise Killed
        return learn(self, passes)

    with monkeypatch.context() as patched:
        patched.setattr(loop.OrganTrainer, "_learn", killed)
        assert main(arguments(tmp_path / "cut", **changes)) == 1
    assert load_checkpoint(tmp_path / "cut" / "checkpoint.pt")["step"] == 4
    pairs = ["--pairs", arguments(tmp_path)[3]]
    resumed = ["train", "organ-seg", *pairs, "-o", str(tmp_path / "cut"), "--resume"]
    assert main([*resumed, "--device", "cpu"]) == 0
    whole, cut = (load_checkpoint(tmp_path / name / "checkpoint.pt") for name in ("whole", "cut"))
    assert whole["step"] == cut["step"] == 6
    for name, value in whole["model"].items():
        torch.testing.assert_close(cut["model"][name], value, rtol=0, atol=0)
    assert (tmp_path / "cut" / "best" / "learnt.safetensors").is_file()


def line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.splitlines()[-1]


def test_a_run_is_not_overwritten(
    run: Path, arguments: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(run)) == 2
    assert "an empty one, or --resume" in line(capsys)


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"batch": 10, "micro_batch": 4}, "multiple of micro_batch"), ({"turns": "x"}, "vicuna")],
)
def test_bad_recipes(
    arguments: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any], words: str,
) -> None:  # fmt: skip
    assert main(arguments(tmp_path / "out", **changes)) == 2
    assert words in line(capsys)
    assert not (tmp_path / "out").exists()


def test_what_is_missing_is_named(
    pairs: Path, language: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = ["train", "organ-seg", "-o", str(tmp_path / "out")]
    assert main(start) == 2
    assert "--pairs DIR" in line(capsys)
    assert main([*start, "--pairs", str(pairs)]) == 2
    assert "no --vision-language" in line(capsys)
    assert main([*start, "--pairs", str(pairs), "--vision-language", str(language)]) == 2
    assert "no --sam" in line(capsys)


def test_another_kind_of_language_model(
    arguments: Trained, language: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = json.loads((language / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"model_type": "llava_mistral"}))
    argv = [*arguments(tmp_path / "out"), "--vision-language", str(tmp_path)]
    assert main(argv) == 2
    assert "llava_mistral" in line(capsys)


def test_other_networks_than_in_training(run: Path, sam: Path, tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(run / "best", folder)
    with safe_open(sam, "pt") as file:
        stated = file.metadata()
    changed = {name: value + 0.1 for name, value in load_file(sam).items()}
    save_file(changed, tmp_path / "sam.safetensors", stated)
    facts = json.loads((folder / "organ_seg.json").read_text())
    (folder / "organ_seg.json").write_text(json.dumps(facts | {"sam": "../sam.safetensors"}))
    with pytest.raises(WeightsError, match="networks that it was trained with"):
        biprompt.load(folder, device="cpu")


def test_the_recipe_file_holds_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "recipe", "organ-seg"]) == 0
    assert tomllib.loads(capsys.readouterr().out) == OrganRecipe().to_dict()


def test_the_rate_rises_and_falls() -> None:
    recipe = OrganRecipe(steps=10, warmup=2, rate=0.8)
    rates = [recipe.rate_at(step) for step in (0, 1, 2, 6, 10)]
    assert rates == pytest.approx([0.4, 0.8, 0.8, 0.4, 0.0])
