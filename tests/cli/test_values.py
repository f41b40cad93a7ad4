from __future__ import annotations

from pathlib import Path

import pytest

from biprompt.cli.values import file_pair, numbers, path_of_points, single
from biprompt.errors import PromptError


def test_numbers():
    assert numbers("--box", " 1, 2.5,3e1,4", "X0,Y0,X1,Y1") == (1, 2.5, 30, 4)


def test_path_of_points_with_a_semicolon_at_the_end():
    assert path_of_points("--scribble", "1,2;3,4; ") == [(1, 2), (3, 4)]


def test_single():
    assert single("--text", []) is None
    assert single("--text", ["a"]) == "a"
    with pytest.raises(PromptError, match="3 times"):
        single("--text", ["a", "b", "c"])


def test_file_pair_understands_a_colon_in_a_path(tmp_path):
    for name in ("a:b.png", "c:d.png"):
        (tmp_path / name).touch()
    image, mask = f"{tmp_path}/a:b.png", f"{tmp_path}/c:d.png"
    assert file_pair("--example", f"{image}:{mask}") == (Path(image), Path(mask))


@pytest.mark.parametrize("text", ["", "a", ":a", "a:", ":"])
def test_file_pair_needs_two_paths(text):
    with pytest.raises(PromptError, match="IMAGE:MASK"):
        file_pair("--example", text)
