"""The embedded model on the example photographs, each command in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import biprompt
from biprompt.masks import rle_decode

PACKAGE = Path(biprompt.__file__).parent
EXAMPLES = Path(__file__).parents[2] / "examples"
COFFEE, CHELSEA = EXAMPLES / "coffee.jpg", EXAMPLES / "chelsea.jpg"
CUP = (COFFEE, "--point", "230,200")

Process = subprocess.CompletedProcess[str]
Command = Callable[..., Process]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run `biprompt` in an empty folder with an empty cache."""

    def command(*arguments: object, package: Path = PACKAGE) -> Process:
        environment = {
            **os.environ,
            "PYTHONPATH": str(package.parent),
            "BIPROMPT_CACHE": str(tmp_path / "cache"),
        }
        return subprocess.run(
            [sys.executable, "-m", "biprompt", *map(str, arguments)],
            capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment,
        )  # fmt: skip

    return command


def assert_refused(process: Process, says: str) -> None:
    assert process.returncode == 2, process.stderr
    assert process.stdout == ""
    assert process.stderr.startswith("biprompt: error: ")
    assert process.stderr.count("\n") == 1
    assert says in process.stderr


def test_click_and_words_with_every_file(command, tmp_path):
    files = ("-o", "m.png", "--overlay", "o.png", "--card", "c.png")
    process = command("segment", *CUP, "--text", "cup", *files, "--json")
    assert process.returncode == 0, process.stderr
    answer = json.loads(process.stdout)
    mask = np.asarray(Image.open(tmp_path / "m.png")) > 0
    assert mask.shape == (400, 600)
    assert mask[200, 230] and not mask[5, 5]
    assert np.array_equal(mask, rle_decode(answer["mask"]))
    assert answer["area"] == mask.sum()
    assert len(answer["candidates"]) == 3
    assert Image.open(tmp_path / "o.png").size == (600, 400)
    assert (tmp_path / "c.png").exists()


def test_clicks_alone(command):
    process = command("segment", *CUP, "--negative", "80,80", "--json")
    answer = json.loads(process.stdout)
    assert process.returncode == 0
    assert answer["text_mask"] is None and answer["presence"] is None
    mask = rle_decode(answer["mask"])
    assert mask[200, 230] and not mask[80, 80]


def test_words_alone(command):
    process = command("segment", CHELSEA, "--text", "cat", "--json")
    answer = json.loads(process.stdout)
    assert (process.returncode, answer["verdict"]) == (0, "found")
    assert rle_decode(answer["mask"])[150, 200]


def test_words_for_what_is_not_there(command, tmp_path):
    process = command("segment", COFFEE, "--text", "elephant", "-o", "m.png", "--json")
    answer = json.loads(process.stdout)
    assert (process.returncode, answer["verdict"]) == (3, "absent")
    assert answer["area"] == 0
    assert not np.asarray(Image.open(tmp_path / "m.png")).any()


def test_words_that_mean_nothing_leave_the_click(command):
    process = command("segment", *CUP, "--text", "xqzzt vlorp", "--json")
    answer = json.loads(process.stdout)
    assert process.returncode == 0
    assert answer["text_understood"] is False
    assert rle_decode(answer["mask"])[200, 230]


def test_the_cache_changes_no_answer(command, tmp_path):
    asked = ("segment", *CUP, "--text", "cup", "--json")
    without = json.loads(command(*asked, "--no-cache").stdout)
    assert not (tmp_path / "cache").exists()
    first, second = (json.loads(command(*asked).stdout) for _ in range(2))
    assert any((tmp_path / "cache").rglob("*"))
    assert without["mask"] == first["mask"] == second["mask"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--point", "230,400"], "0 <= y < 400"),
        (["--text", "cup", "--mask", CHELSEA], "mask"),
        (["--negative", "1,1"], "only points or strokes that remove"),
        (["--point", "1,1", "--model", "no-such-model"], "no-such-model"),
        ([], "expected a point"),
    ],
)
def test_bad_input(command, tmp_path, options, says):
    assert_refused(command("segment", COFFEE, *options, "-o", "m.png", "--json"), says)
    assert not (tmp_path / "m.png").exists()


@pytest.mark.parametrize("kept", [0.0, 0.5])
def test_a_damaged_weight_file(command, tmp_path, kept):
    package = tmp_path / "copy" / "biprompt"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in package.rglob("*.onnx"):
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    process = command("segment", *CUP, "--text", "cup", "-o", "m.png", package=package)
    assert_refused(process, ".onnx")
    assert not (tmp_path / "m.png").exists()


def test_doctor(command):
    process = command("doctor", "--json")
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout)["compact"]["answers"] is True


def test_models(command):
    process = command("models", "--json")
    first = json.loads(process.stdout)["models"][0]
    assert (first["name"], first["installed"]) == ("compact", True)
    assert 0 < first["bytes"] <= 16_000_000
