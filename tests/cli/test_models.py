"""`biprompt models` and `biprompt doctor`, with a registry and a model whose state is known."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from biprompt.cli import doctor, installed, large
from biprompt.cli.models import listing
from biprompt.cli.table import size, table
from biprompt.errors import WeightsError
from biprompt.zoo.registry import ModelSpec

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_bytes(b" " * 4_750_000)
    here = ModelSpec("compact", "small", ("points", "text"), "free", "the package", tmp_path)
    there = ModelSpec("large", "big", ("points",), "asks", "its makers", tmp_path / "none")
    monkeypatch.setattr(listing, "_specs", lambda: [here, there])
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path / "checkpoints"))
    versions = {"matplotlib": None, "torch": "2.13.0", "timm": None, "torchvision": None}
    monkeypatch.setattr(installed, "version_of", lambda name: versions.get(name, "1.0"))


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_models_for_a_person(run, registry, tmp_path):
    touch(tmp_path / "checkpoints" / "mobile_sam.pt")
    result = run("models")
    assert result.status == 0
    models, checkpoints, hub, pairs, where = result.out.split("\n\n")
    assert models.splitlines() == [
        "model    installed  size    needs                  licence  what it is",
        "compact  yes        4.8 MB  nothing more           free     small",
        "large    no         -       its files, its makers  asks     big",
    ]
    assert re.search(r"^sam-vit-h +no +2\.6 GB +Apache-2\.0 +Segment Anything", checkpoints, re.M)
    assert re.search(r"^mobile-sam +yes +40\.7 MB", checkpoints, re.M)
    assert re.search(r"^sam3 +no +about 3\.4 GB +points, words +SAM License", hub, re.M)
    assert re.search(r"^clipseg +no +about \S+ MB +words +Apache-2\.0", hub, re.M)
    assert re.search(r"^biprompt-h +no +sam-vit-h +evf-sam-multitask +BiPrompt-SAM", pairs, re.M)
    assert str(tmp_path / "checkpoints") in where


def test_models_for_a_program(run, registry):
    result = run("models", "--json")
    compact, large = json.loads(result.out)["models"]
    assert compact["installed"] and not large["installed"]
    assert (compact["bytes"], large["bytes"]) == (4_750_000, 0)
    assert compact["prompts"] == ["points", "text"]


def test_checkpoints_and_pairs_for_a_program(run, registry, tmp_path):
    mobile = touch(tmp_path / "checkpoints" / "mobile_sam.pt")
    evf = touch(tmp_path / "checkpoints" / "evf-sam-multitask" / "model.safetensors").parent
    facts = json.loads(run("models", "--json").out)
    checkpoints = {row["name"]: row for row in facts["checkpoints"]}
    assert checkpoints["mobile-sam"]["path"] == str(mobile)
    assert checkpoints["evf-sam-multitask"]["path"] == str(evf)
    assert checkpoints["sam-vit-h"]["path"] is None
    assert checkpoints["sam-vit-h"]["bytes"] == 2_564_550_879
    assert [(row["name"], row["installed"]) for row in facts["pairs"]] == [
        ("biprompt-h", False),
        ("biprompt-mobile", True),
    ]
    assert facts["folder"] == str(tmp_path / "checkpoints")


def test_model_names_are_completed(registry, monkeypatch):
    from biprompt.cli.options import _model_names

    assert _model_names("l") == ["large"]
    assert _model_names("biprompt") == ["biprompt-h", "biprompt-mobile"]
    assert "sam-vit-h" in _model_names("")


class Doctored:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def segment(self, image, *, points):
        if self.error is not None:
            raise self.error
        assert image.dtype == np.uint8
        return type("Answer", (), {"verdict": "found"})()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, registry, tmp_path) -> Doctored:
    doctored = Doctored()
    cache = {"folder": str(tmp_path), "files": 2, "bytes": 1500}
    monkeypatch.setattr(doctor, "_load", lambda: doctored)
    monkeypatch.setattr(doctor, "_cache", lambda: cache)
    monkeypatch.setattr(large, "_devices", lambda: ["cuda (A card, 24 GB)", "cpu"])
    return doctored


def test_a_sound_installation(run, patient):
    result = run("doctor")
    assert result.status == 0
    assert re.search(r"^compact +answers, \d", result.out, re.M)
    assert re.search(r"^cache .*2 files, 1\.5 kB$", result.out, re.M)
    assert "matplotlib" not in result.out and "ray" not in result.out.split()
    assert re.search(
        r'^  train    `biprompt train`: .* to add it: pip install "biprompt\[train\]"$',
        result.out,
        re.M,
    )
    assert re.search(r"^  torch  .* installed$", result.out, re.M)
    assert "not installed" not in result.out and "missing" not in result.out
    assert "warning" not in result.out
    assert re.search(r"^torch +2\.13\.0 on cuda \(A card, 24 GB\), cpu$", result.out, re.M)


def test_doctor_says_which_checkpoints_are_here(run, patient, tmp_path):
    folder = tmp_path / "checkpoints"
    assert re.search(rf"^checkpoints +{folder}: none \(of \d+ ", run("doctor").out, re.M)
    path = touch(folder / "mobile_sam.pt")
    assert re.search(rf"^checkpoints +{folder}: mobile-sam \(of ", run("doctor").out, re.M)
    facts = json.loads(run("doctor", "--json").out)
    assert facts["checkpoints"]["here"] == {"mobile-sam": str(path)}
    assert facts["torch"]["devices"] == ["cuda (A card, 24 GB)", "cpu"]


def test_doctor_without_torch_imports_none(run, patient, monkeypatch):
    monkeypatch.setattr(installed, "version_of", lambda name: None if name == "torch" else "1.0")
    monkeypatch.setattr(large, "_devices", lambda: pytest.fail("torch would be imported"))
    assert re.search(r"^torch +absent; SAM", run("doctor").out, re.M)


def test_doctor_survives_a_torch_that_does_not_load(run, patient, monkeypatch):
    def broken():
        raise OSError("libcudart.so.13: cannot open shared object file")

    monkeypatch.setattr(large, "_devices", broken)
    result = run("doctor")
    assert result.status == 0
    assert re.search(r"^torch +2\.13\.0 does not load: .*libcudart", result.out, re.M)


def test_doctor_for_a_program(run, patient):
    facts = json.loads(run("doctor", "--json").out)
    assert facts["compact"]["answers"] is True
    assert facts["packages"]["matplotlib"] is None
    assert set(facts["extras"]) == set(installed.GIVES)
    assert facts["extras"]["train"]["missing"] == ["matplotlib"]
    assert not {"ray", "pytest"} & set(facts["packages"])
    assert [row["name"] for row in facts["models"]] == ["compact", "large"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(WeightsError("weights", expected="sha256 a", actual="sha256 b"), 2), (OSError("boom"), 1)],
)
def test_a_model_that_does_not_answer(run, patient, error, status):
    patient.error = error
    result = run("doctor")
    assert result.status == status
    assert "compact" in result.out and "does not answer" in result.out
    assert result.err.startswith("biprompt: error: ") and result.err.count("\n") == 1


def test_a_harmful_package_is_named(run, patient, monkeypatch):
    monkeypatch.setattr(installed, "version_of", lambda name: "1.0")
    assert re.search(r"^warning +timm is installed", run("doctor").out, re.M)


def names(requirements: list[str], extras: dict[str, list[str]]) -> list[str]:
    found: list[str] = []
    for requirement in requirements:
        inner = re.fullmatch(r"biprompt\[(\w+)\]", requirement)
        name = re.match(r"[\w-]+", requirement)
        found += names(extras[inner[1]], extras) if inner else [name[0]]
    return found


def test_the_extras_are_those_of_pyproject():
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    assert {name: tuple(names(extras[name], extras)) for name in extras} == installed.EXTRAS
    assert tuple(names(project["dependencies"], {})) == installed.CORE


def test_a_missing_package_of_the_core_is_said(run, patient, monkeypatch):
    monkeypatch.setattr(
        installed, "version_of", lambda name: None if name in ("scipy", "timm") else "1.0"
    )
    assert re.search(r"^  scipy +missing$", run("doctor").out, re.M)


def test_what_extras_give_is_for_users():
    assert set(installed.GIVES) <= set(installed.EXTRAS)
    assert not set(installed.GIVES) & {"dev", "ray"}


def test_what_is_not_installed_has_no_version():
    assert installed.version_of("surely-not-a-package") is None
    assert installed.version_of("numpy") == np.__version__


def test_table():
    assert table([("a", "bb"), ("ccc", "d")], indent=1) == " a    bb\n ccc  d"
    assert table([]) == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (4_750_000, "4.8 MB")],
)  # fmt: skip
def test_size(count, text):
    assert size(count) == text
