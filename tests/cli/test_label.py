"""The command, with the embedded model on true photographs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import biprompt
from biprompt.io.formats.coco import parse_coco

EXAMPLES = Path(__file__).parents[2] / "examples"
PHRASES = "cat; cup; person; zebra"
Run = Callable[..., Any]


@pytest.fixture
def photos(folder: Path) -> Path:
    """The example photographs and one that is broken."""
    (folder / "photos" / "more").mkdir(parents=True)
    for path in EXAMPLES.glob("*.jpg"):
        place = folder / "photos" / ("more" if path.stem == "coffee" else "")
        shutil.copy(path, place)
    (folder / "photos" / "broken.jpg").write_bytes(b"\xff\xd8\xff not a photograph")
    return folder / "photos"


def test_photographs_become_a_data_set(run: Run, photos: Path, folder: Path) -> None:
    given = ("label", photos, "--prompts", PHRASES, "--out", "set", "--format", "coco,yolo")
    done = run(*given, "--workers", 2)
    assert (done.status, done.err) == (0, "")
    told = " ".join(done.out.split())
    assert "images 3 failed 1, see failures.jsonl" in told and "cat 1" in told

    images = {
        image.file_name: image for image in parse_coco((folder / "set/instances.json").read_bytes())
    }
    assert list(images) == ["astronaut.jpg", "chelsea.jpg", "more/coffee.jpg"]
    model = biprompt.load()
    for name, phrase in (("chelsea.jpg", "cat"), ("more/coffee.jpg", "cup")):
        answer = model.segment(photos / name, text=phrase)
        (thing,) = [one for one in images[name].objects if one.label == phrase]
        assert np.array_equal(thing.mask, answer.mask)
        assert thing.score == pytest.approx(answer.card.candidates[0].score, abs=1e-4)
    assert (folder / "set/yolo/labels/more/coffee.txt").read_text().startswith("1 ")
    (failure,) = map(json.loads, (folder / "set/failures.jsonl").read_text().splitlines())
    assert failure["image"] == "broken.jpg" and "image data" in failure["error"]

    before = (folder / "set/instances.json").read_bytes()
    started = time.monotonic()
    again = run(*given, "--json")
    assert (
        json.loads(again.out)["images"] == 3
        and (folder / "set/instances.json").read_bytes() == before
    )
    assert time.monotonic() - started < 40

    other = run("label", photos, "--prompts", "dog", "--out", "set")
    assert other.status == 2 and other.err.startswith("biprompt: error: set: prompts: expected ")
    assert other.err.count("\n") == 1


def test_points_boxes_and_cards(run: Run, folder: Path) -> None:
    lines = [
        {"image": "chelsea.jpg", "points": [[220, 140]], "text": "cat", "label": "cat"},
        {"image": "chelsea.jpg", "box": [1, 1, 450, 299], "label": "all"},
        {"image": "chelsea.jpg", "points": [[600, 1]], "label": "outside"},
    ]
    (folder / "p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = run("label", EXAMPLES, "--prompts", "p.jsonl", "--out", "set", "--cards", "--json")
    summary = json.loads(done.out)
    assert done.status == 0 and (summary["images"], summary["prompts_failed"]) == (1, 1)
    assert [p.name for p in sorted((folder / "set/cards").iterdir())] == [
        "chelsea-1-cat.png", "chelsea-2-all.png",
    ]  # fmt: skip
    (annotation, _) = json.loads((folder / "set/instances.json").read_text())["annotations"]
    assert annotation["biprompt"]["winner"]["source"] == "point"
    assert annotation["biprompt"]["similarity"] > 0.5


def test_a_dry_run_says_what_would_be_done(run: Run, folder: Path) -> None:
    given = ("label", EXAMPLES, "--prompts", PHRASES, "--out", "set", "--dry-run")
    done = run(*given)
    assert done.status == 0 and not (folder / "set").exists()
    assert done.out.split()[:2] == ["images", "3"] and "cat, cup, person, zebra" in done.out
    facts = json.loads(run(*given, "--json", "--limit", 2).out)
    assert (facts["images"], facts["todo"], facts["done"]) == (3, 2, 0)
    assert [one["image"] for one in facts["first"]] == [
        "astronaut.jpg",
        "chelsea.jpg",
        "coffee.jpg",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--prompts", "cat"], "nowhere: images: expected a folder"),
        ([EXAMPLES, "--prompts", " ; "], "--prompts: expected a file or phrases"),
        ([EXAMPLES, "--prompts", "none.jsonl"], "none.jsonl: file: expected a readable file"),
        ([EXAMPLES, "--prompts", "bad.jsonl"], "bad.jsonl: line 2: expected UTF-8"),
        (
            [EXAMPLES, "--prompts", "lost.jsonl"],
            "prompts: expected names of images there, got x.jpg",
        ),
        ([EXAMPLES, "--prompts", "cat", "--format", "voc"], "format: expected among coco, yolo"),
        ([EXAMPLES, "--prompts", "cat", "--overlap", "most"], "--overlap"),
        ([EXAMPLES, "--prompts", "cat", "--workers", "0"], "--workers"),
        ([EXAMPLES, "--prompts", "cat", "--model", "gpt"], "model: expected"),
        ([EXAMPLES, "--prompts", "cat", "--min-area", "-1"], "--min-area"),
    ],
)
def test_wrong_input_is_one_line(
    run: Run, folder: Path, arguments: list[Any], message: str
) -> None:
    (folder / "bad.jsonl").write_bytes(b'{"text": "cat"}\n{"text": "caf\xe9"}\n')
    (folder / "lost.jsonl").write_text('{"image": "x.jpg", "text": "cat"}')
    done = run("label", *arguments, "--out", "set")
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "set" / "manifest.json").exists()


def test_where_nothing_could_be_labelled_the_status_says_so(run: Run, folder: Path) -> None:
    (folder / "photos").mkdir()
    (folder / "photos" / "broken.jpg").write_bytes(b"no photograph")
    done = run("label", "photos", "--prompts", "cat", "--out", "set")
    assert done.status == 1 and done.out.split()[:4] == ["images", "0", "failed", "1,"]


def test_ctrl_c_ends_with_status_130_and_the_same_command_goes_on(folder: Path) -> None:
    (folder / "photos").mkdir()
    for number in range(40):
        os.link(EXAMPLES / "chelsea.jpg", folder / "photos" / f"{number:02d}.jpg")
    command = [sys.executable, "-m", "biprompt", "label", "photos", "--prompts", "cat", "-o", "set"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        shard = folder / "set/run/shards/000000.jsonl"
        for _ in range(12_000):
            if shard.exists() and shard.read_bytes().count(b"\n") >= 2:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, "", "biprompt: interrupted\n")
    kept = shard.read_bytes()
    assert kept.endswith(b"}\n") and 2 <= kept.count(b"\n") < 40
    done = subprocess.run(
        [*command, "--limit", str(kept.count(b"\n") + 1), "--json"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["images"] == kept.count(b"\n") + 1
    assert shard.read_bytes() == kept
