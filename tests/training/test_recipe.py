from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from biprompt.errors import DataError
from biprompt.training.compact.recipe import RECIPE_FILE, CompactRecipe, load_recipe
from biprompt.training.compact.schedule import Progress, batch_size


def test_the_file_in_the_package_says_the_defaults() -> None:
    assert load_recipe(RECIPE_FILE, {}) == CompactRecipe()
    written = tomllib.loads(RECIPE_FILE.read_text("utf-8"))
    assert set(written) == {field.name for field in fields(CompactRecipe)}


def test_a_comment_stands_before_every_group_of_fields() -> None:
    lines = RECIPE_FILE.read_text("utf-8").splitlines()
    assert max(map(len, lines)) <= 100
    groups = [i for i, line in enumerate(lines) if " = " in line and " = " not in lines[i - 1]]
    assert all(lines[i - 1].startswith(("# ", "[folders]")) for i in groups)


def test_changes_lie_over_the_file_and_the_file_over_the_base(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("steps = 7\nbatch = 3\nrate = 1\n")
    made = load_recipe(path, {"batch": 4}, CompactRecipe(seed=9))
    assert (made.steps, made.batch, made.seed, made.rate) == (7, 4, 9, 1.0)
    assert isinstance(made.rate, float)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 3}, "recipe field: expected folders, seed, .*, got epochs"),
        ({"steps": "many"}, "recipe field steps: expected int, got many"),
        ({"steps": True}, "expected int, got True"),
        ({"steps": 1.5}, "expected int, got 1.5"),
        ({"steps": 0}, "steps: expected 1 to"),
        ({"rate": float("nan")}, "rate: expected"),
        ({"minutes": -1.0}, "minutes: expected 0 to inf, got -1.0"),
        ({"size": 100}, "size: expected a multiple of 32, got 100"),
        ({"precision": "fp8"}, "expected no or bf16, got fp8"),
        ({"absent_rate": 1.2}, "absent_rate: expected 0 to 1"),
        ({"spoken": 5}, "spoken: expected at most phrases, got 5 of 4"),
        ({"folders": {}}, "at least one folder"),
        ({"folders": {"mine": 0}}, r"folders\.mine: expected a number above 0, got 0"),
        ({"folders": {"mine": "x"}}, "expected a number above 0, got x"),
        ({"folders": ["mine"]}, "expected dict"),
    ],
)
def test_a_wrong_field_is_one_line(given: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load_recipe(None, given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"steps = ", b"\xff\xfe\x00", None])
def test_a_wrong_file_is_one_line_with_its_path(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"mine\.toml: recipe: expected a TOML file") as caught:
        load_recipe(path, {})
    assert "\n" not in str(caught.value)


def test_the_schedule_follows_whichever_is_further() -> None:
    recipe = CompactRecipe(steps=100, minutes=1.0)
    assert Progress(step=50, seconds=6.0).part(recipe) == 0.5
    assert Progress(step=10, seconds=45.0).part(recipe) == 0.75
    assert Progress(step=500).part(recipe) == 1.0
    assert Progress(step=50, seconds=9e9).part(CompactRecipe(steps=100)) == 0.5


def test_the_rate_warms_up_and_falls() -> None:
    recipe = CompactRecipe(steps=1000, warmup=10, rate=1.0)
    rates = [Progress(step=step).rate(recipe) for step in range(1001)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == pytest.approx(1.0, abs=1e-3)
    assert rates[:10] == sorted(rates[:10]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)
    assert Progress().rate(CompactRecipe(warmup=0)) == pytest.approx(1.5e-3)


def test_late_crops_are_larger_and_fewer() -> None:
    recipe = CompactRecipe(steps=100)
    assert [Progress(step=s).crop_size(recipe) for s in (0, 79, 80, 100)] == [256, 256, 384, 384]
    assert batch_size(recipe, 256) == 12 and batch_size(recipe, 384) == 5
    assert batch_size(recipe, 256, 2) == 6 and batch_size(CompactRecipe(batch=1), 384) == 1
