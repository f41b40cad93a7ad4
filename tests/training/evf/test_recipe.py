"""The recipe as a file: complete, checked, and true to the papers."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from biprompt.errors import DataError
from biprompt.training.evf.recipe import (
    RECIPE_FILE,
    TINY_FILE,
    EvfRecipe,
    load_recipe,
    tiny_recipe,
)


def test_the_file_holds_every_field_with_its_default() -> None:
    assert tomllib.loads(RECIPE_FILE.read_text()) == EvfRecipe().to_dict()


def test_every_field_of_the_file_is_explained() -> None:
    lines = RECIPE_FILE.read_text().splitlines()
    fields = [i for i, line in enumerate(lines) if re.match(r"\w+ = |\[", line)]
    for i in fields:
        first = i
        while lines[first - 1] and not lines[first - 1].startswith("#"):
            first -= 1
        assert lines[first - 1].startswith("#"), lines[i]


def test_what_the_papers_say() -> None:
    recipe = load_recipe(RECIPE_FILE, {})
    assert (recipe.steps, recipe.batch, recipe.micro_batch, recipe.rate) == (15000, 128, 16, 1e-4)
    assert (recipe.bce, recipe.dice, recipe.phrases) == (1.0, 1.0, 3)
    assert recipe.accumulation(4) == 2
    assert not recipe.train_image_encoder and recipe.train_no_mask_embed


def test_a_tiny_network_learns_in_all_its_parts() -> None:
    assert set(tomllib.loads(TINY_FILE.read_text())) < set(EvfRecipe().to_dict())
    recipe = tiny_recipe()
    assert recipe.size == "tiny" and recipe.train_image_encoder


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stepps": 3}, "recipe field: expected steps.*, got stepps"),
        ({"steps": 0}, "recipe field steps: expected 1 to 1e\\+09, got 0"),
        ({"steps": 1.5}, "recipe field steps: expected int, got 1.5"),
        ({"rate": "fast"}, "recipe field rate: expected float, got fast"),
        ({"train_beit3": 1}, "recipe field train_beit3: expected bool, got 1"),
        ({"fusion": "middle"}, "recipe field fusion: expected early or late or text, got middle"),
        ({"tiny_canvas": 100}, "recipe field tiny_canvas: expected a multiple of 16, got 100"),
        ({"lora": True, "train_beit3": False}, "recipe field lora: expected train_beit3 = true"),
        ({"ratios": {"mine": 0}}, "recipe field ratios.mine: expected a number above 0, got 0"),
        ({"ratios": {"mine": "x"}}, "recipe field ratios.mine: expected a number above 0, got x"),
    ],
)
def test_wrong_fields(changes: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_recipe(None, changes)


def test_a_batch_that_cannot_be_divided() -> None:
    recipe = load_recipe(None, {"batch": 20, "micro_batch": 8})
    with pytest.raises(DataError, match="expected a multiple of 8 in each of 2 processes, got 20"):
        recipe.accumulation(2)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"mine\.toml: recipe: expected a TOML file, got No such"):
        load_recipe(tmp_path / "mine.toml", {})
    (tmp_path / "mine.toml").write_text("steps = = 3")
    with pytest.raises(DataError, match="recipe: expected a TOML file"):
        load_recipe(tmp_path / "mine.toml", {})
