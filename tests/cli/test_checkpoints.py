"""`biprompt models get`, `verify`, `show` and `convert`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.zoo.tiny import tiny, write_hub_folder, write_pth

from biprompt.errors import WeightsError
from biprompt.zoo.download import Transfer
from biprompt.zoo.families import Family


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what is downloaded; nothing is."""
    asked: list[str] = []

    def get(spec, report):
        asked.append(spec.name)
        report(Transfer("x.pth", 10, None))
        report(Transfer("x.pth", 10, 20))
        return Path("/models") / spec.name

    monkeypatch.setattr("biprompt.zoo.download.get", get)
    return asked


def test_get(run, downloads):
    assert run("models", "get", "mobile-sam").out == "/models/mobile-sam\n"
    assert downloads == ["mobile-sam"]


def test_get_a_pair(run, downloads):
    result = run("models", "get", "biprompt-h", "--json")
    assert downloads == ["sam-vit-h", "evf-sam-multitask"]
    assert json.loads(result.out)["checkpoints"][0] == {
        "name": "sam-vit-h",
        "path": "/models/sam-vit-h",
    }


def test_get_what_nobody_published(run, downloads):
    result = run("models", "get", "sam-vit-x")
    assert result.status == 2 and downloads == []
    assert re.match(
        r"biprompt: error: checkpoint: expected sam-vit-b, .*, got sam-vit-x\n$", result.err
    )


def test_get_without_a_network(run, models, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("biprompt.zoo.download.http.urlopen", refuse)
    result = run("models", "get", "sam-vit-b")
    assert result.status == 2 and result.err.count("\n") == 1
    for part in ("sam_vit_b_01ec64.pth", f"put it at {models}", "Network is unreachable"):
        assert part in result.err


def test_verify(run, tmp_path):
    path = write_pth(tiny(Family.MOBILE_SAM), tmp_path)
    result = run("models", "verify", path)
    assert result.status == 0
    first, second = result.out.splitlines()
    assert re.match(rf"{path} +\S+ kB +sha256 [0-9a-f]{{64}} +no published digest is known$", first)
    assert re.match(r"mobile-sam: Sam, images of 128; all \d+ keys are there$", second)


def test_verify_for_a_program(run, tmp_path):
    facts = json.loads(
        run("models", "verify", write_hub_folder(tiny(Family.EVF_SAM), tmp_path), "--json").out
    )
    assert facts["family"] == "evf-sam" and facts["tensors"] > 300
    assert facts["files"][0]["bytes"] == (tmp_path / "model.safetensors").stat().st_size


def test_verify_another_file_than_was_published(run, models):
    (models / "sam-vit-b").mkdir(parents=True)
    path = write_pth(tiny(Family.SAM), models).rename(models / "sam-vit-b" / "sam_vit_b_01ec64.pth")
    result = run("models", "verify", "sam-vit-b")
    assert result.status == 2
    assert result.err.startswith(f"biprompt: error: {path}: file: expected sha256 ec2df627")


def test_show_a_checkpoint_that_is_not_here(run, models):
    result = run("models", "show", "evf-sam2")
    assert result.status == 0
    for line in (
        "family +evf-sam2", "prompts +text", "parameters +890,939,329", "bytes +3.6 GB",
        "path +not here; `biprompt models get` downloads it", "preset.resize +longest_then_square",
        "preset.multimask_text +no", "source +https://huggingface.co/YxZhang/evf-sam2",
    ):  # fmt: skip
        assert re.search(f"^{line}$", result.out, re.M), line


def test_show_a_file(run, tmp_path):
    path = write_pth(tiny(Family.EVF_SAM2), tmp_path)
    facts = json.loads(run("models", "show", path, "--json").out)
    assert (facts["family"], facts["prompts"]) == ("evf-sam2", ["text"])
    assert facts["unused"] > 0 and facts["tensors"] == len(tiny(Family.EVF_SAM2).state)
    assert facts["sizes"]["evf"]["beit3"]["heads"] == 4
    assert facts["preset"]["multimask_text"] is True
    text = run("models", "show", path).out
    assert re.search(r"^sizes\.visual\.encoder\.global_blocks +4$", text, re.M)


def test_show_what_lies_under_a_published_name(run, models):
    models.mkdir()
    write_pth(tiny(Family.SAM), models).rename(models / "medsam_vit_b.pth")
    facts = json.loads(run("models", "show", "medsam", "--json").out)
    assert facts["licence"] == "CC-BY-4.0" and facts["parameters"] < 1_000_000
    assert facts["preset"]["pixels"] == "unit"


def test_convert(run, tmp_path):
    source, out = write_pth(tiny(Family.SAM), tmp_path), tmp_path / "o.safetensors"
    result = run("models", "convert", source, out, "--dtype", "float16")
    assert result.status == 0
    assert re.match(rf"{out}: \d+\.\d kB, sam: Sam, images of 128\n$", result.out)
    again = run("models", "convert", source, out)
    assert again.status == 2 and "--force" in again.err
    facts = json.loads(run("models", "convert", source, out, "--force", "--json").out)
    assert facts == {
        "path": str(out),
        "bytes": out.stat().st_size,
        "tokenizer": None,
        "family": "sam",
    }


@pytest.mark.parametrize("command", [("verify",), ("show",), ("convert", "o.safetensors")])
@pytest.mark.parametrize("name", ["no-such-thing", "sam-vit-h", ""])
def test_what_is_not_there(run, folder, models, command, name):
    command, *more = command
    result = run("models", command, name, *more)
    expected = 0 if (command, name) == ("show", "sam-vit-h") else 2
    assert result.status == expected
    assert expected == 0 or re.match(r"biprompt: error: [^\n]+\n$", result.err)


@pytest.mark.parametrize("arguments", [("bogus",), ("get",), ("convert", "x"), ("show", "a", "b")])
def test_wrong_usage_is_one_line(run, arguments):
    result = run("models", *arguments)
    assert result.status == 2 and result.err.count("\n") == 1


@pytest.mark.parametrize("command", ["verify", "show", "convert"])
def test_without_torch(run, tmp_path, monkeypatch, command):
    path = write_pth(tiny(Family.SAM), tmp_path)
    for name in [m for m in sys.modules if m.startswith(("biprompt.zoo.", "biprompt.models"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    more = [tmp_path / "o.safetensors"] if command == "convert" else []
    result = run("models", command, path, *more)
    assert result.status == 2
    assert re.search(r'\(torch is missing\) needs: pip install "biprompt\[torch\]"\n$', result.err)


def test_listing_and_help_import_no_torch(models):
    code = """
import sys
from biprompt.cli import main
for arguments in (["--help"], ["models"], ["models", "--json"], ["models", "show", "evf-sam"],
                  ["models", "get", "--help"], ["models", "get", "nothing"]):
    main(arguments)
heavy = {"torch", "onnxruntime", "scipy", "PIL", "huggingface_hub", "transformers"}
print("heavy:", sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_the_hub_without_a_network(models):
    pytest.importorskip("huggingface_hub")
    command = [sys.executable, "-m", "biprompt", "models", "get", "evf-sam2"]
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert (
        "https://huggingface.co/YxZhang/evf-sam2 (by other means: put its files in" in done.stderr
    )
    assert str(models / "evf-sam2") in done.stderr


def test_names_are_completed():
    from biprompt.cli.models.common import _names, _names_and_pairs

    assert _names("evf-sam2") == ["evf-sam2", "evf-sam2-multitask"]
    assert _names_and_pairs("b") == ["biprompt-h", "biprompt-mobile"]


def test_a_damaged_file(run, tmp_path):
    (tmp_path / "x.pth").write_bytes(b"no")
    result = run("models", "show", tmp_path / "x.pth")
    assert result.status == 2 and WeightsError.__name__ not in result.err
    assert result.err.count("\n") == 1
