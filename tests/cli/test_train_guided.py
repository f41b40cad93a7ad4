"""`biprompt train guided`: its recipe, and what is told where input is wrong."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("torch")


def refused(run, *arguments: object) -> str:
    result = run("train", "guided", *arguments)
    assert result.status == 2, result.err
    (line,) = result.err.splitlines()
    return line


def test_the_recipe_can_be_printed_and_given_back(run, folder):
    result = run("train", "recipe", "guided")
    assert result.status == 0 and 'fusion = "one-stream"' in result.out
    (folder / "mine.toml").write_text(result.out.replace("size = 128", "size = 100"))
    line = refused(run, "--data", "none", "--out", "run", "--recipe", "mine.toml")
    assert "recipe field size: expected a multiple of 32, got 100" in line
    assert not (folder / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--set", "fusion='late'"), "recipe field fusion: expected one-stream"),
        (("--set", "encoding='rings'"), "recipe field encoding: expected disk"),
        (("--steps", "0"), "recipe field steps"),
        ((), "none/coco-train"),
        (("--backbone", "no.safetensors"), "no.safetensors: weights: expected a .safetensors"),
        (("--resume",), "run/checkpoint.pt"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing(run, folder, arguments, says):
    assert says in refused(run, "--data", "none", "--out", "run", *arguments)
    assert not (folder / "run").exists()


def test_without_the_extra_it_says_which_one(run, folder, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("biprompt.training.guided")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "biprompt[train]" in refused(run, "--data", "none", "--out", "run")
