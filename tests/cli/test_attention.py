"""`biprompt models attention`: one picture, or one line that says why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("sentencepiece")

from tests.zoo.tiny import tiny, write_safetensors_file

from biprompt.training.evf.vocabulary import write_vocabulary
from biprompt.zoo.families import Family
from biprompt.zoo.folders import TOKENIZER


@pytest.fixture
def model(folder: Path) -> Path:
    (folder / "evf").mkdir()
    write_safetensors_file(tiny(Family.EVF_SAM), folder / "evf")
    write_vocabulary(folder / "evf" / TOKENIZER, ["the cat", "an eye of it"], 200)
    return folder / "evf"


def test_the_photograph_and_where_the_model_looks(run, photo: Path, model: Path) -> None:
    asked = ("models", "attention", photo, "--text", "the cat", "--model", model, "-o", "where.png")
    result = run(*asked)
    assert result.status == 0 and result.out == "where.png\n"
    picture = np.asarray(Image.open("where.png"))
    assert picture.shape == (300, 902, 3)
    assert np.array_equal(picture[:, :451], np.asarray(Image.open(photo)))
    assert not np.array_equal(picture[:, 451:], picture[:, :451])
    again = run(*asked)
    assert again.status == 2 and "--force" in again.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--layer", "7"], "layer: expected -3 to 2, got 7"),
        (["--text", " "], "phrase"),
        (["--model", "sam"], "expected an EVF-SAM that reads image and phrase together, got sam"),
        (["--model", "none"], "checkpoint: expected"),
        (["-o", "nowhere/where.png"], "no such folder"),
    ],
)
def test_what_cannot_be_drawn(run, photo: Path, model: Path, more: list[str], says: str) -> None:
    (model.parent / "sam").mkdir()
    write_safetensors_file(tiny(Family.SAM), model.parent / "sam")
    usual = ["--text", "the cat", "--model", str(model), "-o", "where.png"]
    result = run("models", "attention", photo, *usual, *more)
    assert result.status == 2 and len(result.err.splitlines()) == 1
    assert says in result.err


def test_a_checkpoint_without_its_tokenizer(run, photo: Path, model: Path) -> None:
    (model / TOKENIZER).unlink()
    result = run("models", "attention", photo, "--text", "cat", "--model", model, "-o", "w.png")
    assert result.status == 2 and "sentencepiece.bpe.model beside the weights" in result.err
