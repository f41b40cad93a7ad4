"""Finding a model by name or folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from biprompt.errors import WeightsError
from biprompt.zoo.registry import MODELS, find_model


def test_names_are_those_of_the_table() -> None:
    assert all(name == spec.name for name, spec in MODELS.items())
    assert find_model("compact") is MODELS["compact"]


def test_folder_of_an_export_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    (tmp_path / "encoder.onnx").write_bytes(bytes(100))
    spec = find_model(str(tmp_path))
    assert spec.is_installed and spec.folder == tmp_path
    assert spec.nbytes == 102


def test_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}")
    spec = find_model(str(tmp_path))
    (tmp_path / "model.json").unlink()
    tmp_path.rmdir()
    assert not spec.is_installed and spec.nbytes == 0


def test_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=re.escape(f"{tmp_path}: model folder: expected")):
        find_model(str(tmp_path))


@pytest.mark.parametrize("name", ["sam-9", "", "x" * 10_000, "nul\0byte", "a/b/c"])
def test_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(WeightsError, match="model: expected compact, or a folder") as caught:
        find_model(name)
    assert len(str(caught.value).splitlines()) == 1
