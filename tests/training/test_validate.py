"""The numbers of a run, measured on photographs of which everything is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.conftest import file_names, rectangle, write_folder

from biprompt.models.compact import CompactModel, TextPrompts
from biprompt.training.compact.command import validation_folders
from biprompt.training.compact.photos import load_folders
from biprompt.training.compact.recipe import load_recipe
from biprompt.training.compact.validate import Validator
from biprompt.zoo.words import WordTable


class Knowing(CompactModel):
    """Answers clicks and words with the left half of the image, and knows that there are dogs."""

    def ground(self, features: Any, words: torch.Tensor, lengths: torch.Tensor) -> Any:
        text, _ = super().ground(features, words, lengths)
        dog = torch.from_numpy(WordTable.load().vectors([WordTable.load().find("dog")])[0])
        return text, words[:, 0] @ dog

    def decode(self, features: Any, spatial: Any, text: TextPrompts) -> Any:
        count, (h, w) = len(text.has_text), features.p4.shape[2:]
        logits = torch.full((count, 4, h, w), -5.0)
        logits[:, (0, 2), :, : w // 2] = 5.0
        quality = torch.zeros(count, 4)
        quality[:, 3] = 1.0  # its own pick is an empty mask
        return logits, quality


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    left = rectangle(0, 0, 80, 48)
    names = file_names(2, validation=True)
    return write_folder(tmp_path / "mine", {name: [("dog", left, {})] for name in names})


@pytest.fixture
def model() -> Iterator[CompactModel]:
    torch.manual_seed(0)
    yield Knowing()


def test_the_numbers(photos: Path, words: WordTable, model: CompactModel) -> None:
    folders = load_folders(photos.parent, {"mine": 1.0}, validation=True)
    numbers = Validator(folders, words, long_side=96)(model)
    wanted = {"one": 1.0, "best": 1.0, "pick": 0.0, "five": 1.0, "text": 1.0, "gate": 1.0}
    wanted["joint"] = 0.0
    assert {n: numbers[n] for n in wanted} == wanted
    assert numbers["auroc"] == 1.0 and numbers["score"] == pytest.approx(0.75)
    assert model.training


def test_names_that_the_table_lacks_are_left_out(
    photos: Path, words: WordTable, model: CompactModel
) -> None:
    file = photos / "instances.json"
    file.write_text(file.read_text().replace('"dog"', '"zzyzx"').replace('"cup"', '"qqq"'))
    folders = load_folders(photos.parent, {"mine": 1.0}, validation=True)
    numbers = Validator(folders, words, long_side=96)(model)
    assert "text" not in numbers and "gate" not in numbers and numbers["five"] == 1.0


def test_nothing_to_measure(words: WordTable, model: CompactModel) -> None:
    assert Validator([], words)(model) == {}


def test_measuring_changes_nothing(photos: Path, words: WordTable) -> None:
    folders = load_folders(photos.parent, {"mine": 1.0}, validation=True)
    torch.manual_seed(0)
    plain = CompactModel()
    before = [p.clone() for p in plain.parameters()]
    one, two = (Validator(folders, words, long_side=96)(plain) for _ in range(2))
    assert one == two and all(np.isfinite(list(one.values())))
    assert all(torch.equal(a, b) for a, b in zip(before, plain.parameters(), strict=True))


def test_the_folders_kept_aside(tmp_path: Path) -> None:
    one = [("dog", rectangle(0, 0, 40, 40), {})]
    names = file_names(3, validation=True)
    for name in ("seldom", "often", "never"):
        write_folder(tmp_path / name, dict.fromkeys(names, one))
    region = [("region", rectangle(0, 0, 40, 40), {})]
    write_folder(tmp_path / "regions-train", dict.fromkeys(names, region), ("region",))
    weights = {"seldom": 0.1, "regions-train": 0.6, "never": 0.05, "often": 0.25}
    recipe = load_recipe(None, {"folders": weights})
    assert [f.name for f in validation_folders(recipe, tmp_path)] == ["often", "seldom"]
