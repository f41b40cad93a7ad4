"""Multiple choice without training: the language model's words are put into its mouth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import biprompt
from biprompt.cli import main
from biprompt.runtime.torch.organ_seg import OrganSegRuntime


@pytest.fixture(scope="module")
def folder(language: Path, sam: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("choice") / "model"
    argv = ["train", "organ-seg", "--zero-shot", "--vision-language", str(language)]
    assert main([*argv, "--sam", str(sam), "-o", str(out), "--set", 'turns="vicuna"']) == 0
    return out


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return biprompt.load(folder, device="cpu")


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)


def says(monkeypatch: pytest.MonkeyPatch, model: Any, text: str) -> None:
    monkeypatch.setattr(OrganSegRuntime, "_written", lambda *_: text)
    model.runtime._understood.clear()


def letter(model: Any, name: str) -> str:
    return "ABCDEFGHIJKLM"[model.facts.classes.index(name)]


def test_a_box_is_outlined_as_if_it_had_been_drawn(
    model: Any, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = "Bounding Box Coordinates: (10, 8), (40, 30)"
    says(monkeypatch, model, f"Answer: {letter(model, 'stomach')}\n{box}")
    answer = model.segment(picture, text="segment the stomach")
    drawn = model.segment(picture, box=(10, 8, 40, 30))
    first = next(c for c in drawn.card.candidates if c.index == 0)
    assert answer.verdict == "found" and "chose stomach, with a box" in answer.card.reason
    assert answer.mask.any() and not answer.mask.all()
    np.testing.assert_array_equal(answer.mask, first.mask)


def test_both_gates_have_to_pass(
    model: Any, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(monkeypatch, model, f"{letter(model, 'liver')}. Liver [0.1, 0.1, 0.9, 0.9]")
    answer = model.segment(picture, text="the traffic light")
    assert answer.verdict == "absent" and not answer.mask.any() and answer.presence < 0.5
    assert "“the traffic light”" in answer.card.reason and "chose liver" in answer.card.reason


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{stomach}. Stomach", "chose stomach without a box; no place is guessed"),
        ("{stomach}. Stomach (40, 30), (10, 8)", "without a box"),
        ("N. None of them", "chose none of them"),
        ("I cannot tell.", "none of the options: “I cannot tell.”"),
    ],
)
def test_without_a_place_it_is_refused(
    model: Any, picture: np.ndarray, monkeypatch: pytest.MonkeyPatch, said: str, words: str
) -> None:
    says(monkeypatch, model, said.format(stomach=letter(model, "stomach")))
    answer = model.segment(picture, text="segment the stomach")
    assert answer.verdict == "absent" and not answer.mask.any()
    assert words in answer.card.reason and answer.presence == 0.0


def test_a_random_model_really_writes_and_is_refused(model: Any, picture: np.ndarray) -> None:
    answer = model.segment(picture, text="which organ stores bile")
    assert answer.verdict == "absent"


def test_the_folder_says_what_it_is(folder: Path, language: Path, sam: Path) -> None:
    facts = json.loads((folder / "organ_seg.json").read_text())
    assert facts["mode"] == "multiple-choice" and len(facts["classes"]) == 13
    assert (Path(facts["language"]), Path(facts["sam"])) == (language, sam)
    assert not (folder / "learnt.safetensors").exists()


def test_a_class_of_ones_own(language: Path, sam: Path, tmp_path: Path) -> None:
    domain = tmp_path / "mine.toml"
    entries = "".join(f'[[concept]]\nname = "{n}"\nabout = ["seen"]\n' for n in ("cyst", "liver"))
    domain.write_text(f'title = "mine"\n{entries}')
    argv = ["train", "organ-seg", "--zero-shot", "--domain", str(domain), "--sam", str(sam)]
    out = tmp_path / "model"
    assert main([*argv, "--vision-language", str(language), "-o", str(out)]) == 0
    assert json.loads((out / "organ_seg.json").read_text())["classes"] == ["cyst", "liver"]
    assert main([*argv, "--vision-language", str(language), "-o", str(out)]) == 2


def test_a_damaged_folder(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads((folder / "organ_seg.json").read_text())
    damaged = {"{": "JSON", '{"version": 9}': "version 1", '{"version": 1}': "mode",
               json.dumps(whole | {"mode": "x"}): "multiple-choice"}  # fmt: skip
    for content, words in damaged.items():
        (tmp_path / "organ_seg.json").write_text(content)
        assert main(["segment", "x.png", "--text", "liver", "--model", str(tmp_path)]) == 2
        assert words in capsys.readouterr().err
