"""`biprompt concepts`, and `biprompt segment --domain` with the embedded model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from biprompt.presence import ContextCache

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_list(run):
    done = run("concepts")
    assert done.status == 0
    for name in ("coco", "instruments", "organs"):
        assert name in done.out
    assert len(json.loads(run("concepts", "--json").out)["coco"]["things"]) == 80


def test_ask(run):
    done = run("concepts", "ask", "organs", "which organ stores bile")
    assert done.status == 0 and "gallbladder" in done.out
    told = json.loads(run("concepts", "ask", "organs", "brain", "--json").out)
    assert told["refused"] and told["parts"][0]["irrelevant"] == 1.0
    assert run("concepts", "ask", "organs", "brain").status == 3
    wrong = run("concepts", "ask", "organs", " ")
    assert wrong.status == 2 and wrong.err.count("\n") == 1


def test_show_keeps_the_features(run, tmp_path):
    done = run("concepts", "show", "instruments", "--out", tmp_path / "i.npz")
    assert done.status == 0 and "needle driver" in done.out
    assert ContextCache.load(tmp_path / "i.npz").domain.name == "instruments"
    assert run("concepts", "show", "instruments", "--out", tmp_path / "i.npz").status == 2


def test_measure_writes_the_page(run, tmp_path):
    done = run("concepts", "measure", "organs", "--out", tmp_path / "q.md", "--fit")
    assert done.status == 0
    assert "[operating]" in done.out and "held back" in done.out
    assert "top-1" in (tmp_path / "q.md").read_text()
    assert run("concepts", "measure", "instruments").status == 0


def test_several_things_go_to_files_of_their_own(run, tmp_path):
    photo = EXAMPLES / "coffee.jpg"
    done = run("segment", photo, "--text", "the cup and the elephant", "--domain", "coco",
               "-o", tmp_path / "a.png", "--json")  # fmt: skip
    assert done.status == 0
    told = json.loads(done.out)
    assert [(a["thing"], a["verdict"]) for a in told["answers"]] == [
        ("cup", "found"), ("elephant", "absent"),
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-cup.png", "a-elephant.png"]
    assert np.asarray(Image.open(tmp_path / "a-cup.png")).any()
    assert not np.asarray(Image.open(tmp_path / "a-elephant.png")).any()


def test_a_refusal_is_status_3_with_an_empty_mask(run, tmp_path):
    done = run("segment", EXAMPLES / "coffee.jpg", "--text", "which organ stores petrol",
               "--domain", "coco", "-o", tmp_path / "a.png")  # fmt: skip
    assert done.status == 3 and "80 things of COCO" in done.out
    assert not np.asarray(Image.open(tmp_path / "a.png")).any()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--point", "3,3", "--text", "cup"), "--text alone"),
        (("--point", "3,3"), "no --text"),
    ],
)
def test_words_alone_go_with_a_domain(run, arguments, said):
    done = run("segment", EXAMPLES / "coffee.jpg", *arguments, "--domain", "coco")
    assert done.status == 2 and said in done.err


def test_a_file_that_exists_is_found_before_the_model_runs(run, tmp_path):
    (tmp_path / "a-spoon.png").write_bytes(b"mine")
    done = run("segment", EXAMPLES / "coffee.jpg", "--text", "cup and spoon", "--domain", "coco",
               "-o", tmp_path / "a.png")  # fmt: skip
    assert done.status == 2 and "a-spoon.png" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["a-spoon.png"]
