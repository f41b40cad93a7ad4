"""`biprompt segment`: what it writes, prints and ends with. The model is a fake."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from biprompt.cli.summary import HINT, LANGUAGE_HINT
from biprompt.errors import MissingExtraError, ModelError, WeightsError
from biprompt.io.formats import FORMATS, files_beside
from biprompt.io.formats.yolo import parse_yolo

KEYS = (
    "image model verdict presence similarity winner margin mask bbox area candidates text_mask "
    "timings_ms"
).split()


@pytest.mark.parametrize(
    ("words", "status", "verdict"),
    [("cat", 0, "found"), ("dog", 0, "disagree"), ("unicorn", 3, "absent"), ("кошка", 0, "found")],
)
def test_the_verdict_decides_the_status(run, folder, fake, photo, words, status, verdict):
    result = run("segment", photo, "--point", "200,150", "--text", words, "--json")
    assert result.status == status
    assert result.err == ""
    assert json.loads(result.out)["verdict"] == verdict


def test_json_is_one_object_and_nothing_else(run, folder, fake, photo):
    result = run("segment", photo, "--point", "200,150", "-o", "m.png", "--json")
    answer = json.loads(result.out)
    assert set(KEYS) <= set(answer)
    assert result.out.count("\n") == 1
    assert result.err == ""
    assert answer["image"] == {"path": str(photo), "height": 300, "width": 451}


def test_every_file_that_was_asked_for_is_written(run, folder, fake, photo):
    files = ["m.png", "o.png", "c.png"]
    result = run(
        "segment", photo, "--point", "200,150", "--text", "cat",
        "-o", files[0], "--overlay", files[1], "--card", files[2],
    )  # fmt: skip
    assert result.status == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    assert [line.split()[1] for line in result.out.splitlines() if "wrote" in line] == files
    mask = np.asarray(Image.open("m.png"))
    assert mask.shape == (300, 451)
    assert mask[150, 200] == 255 and mask[0, 0] == 0
    assert Image.open("o.png").size == (451, 300)


@pytest.mark.parametrize("options", [["-o", "m.json"], ["-o", "m.dat", "--format", "coco"]])
def test_a_mask_as_coco(run, folder, fake, photo, options):
    assert run("segment", photo, "--point", "200,150", *options).status == 0
    document = json.loads((folder / options[1]).read_text())
    assert len(document["annotations"]) == 1


def test_a_mask_as_yolo_with_its_classes(run, folder, fake, photo):
    result = run("segment", photo, "--point", "200,150", "--text", "the  cat", "-o", "m.txt")
    assert result.status == 0, result.err
    assert (folder / "m.classes.txt").read_text() == "the cat\n"
    wrote = [line.split()[1] for line in result.out.splitlines() if line.startswith("wrote")]
    assert wrote == ["m.txt", "m.classes.txt"]
    (thing,) = parse_yolo((folder / "m.txt").read_text(), (300, 451)).objects
    assert thing.mask[150, 200] and thing.area == 1257


@pytest.mark.parametrize("format", ["labelme", "geojson"])
def test_an_outline_with_fewer_corners(run, folder, fake, photo, format):
    sizes = []
    for tolerance in ("0", "1"):
        name = f"{tolerance}.json"
        options = ["-o", name, "--format", format, "--tolerance", tolerance]
        assert run("segment", photo, "--point", "200,150", *options).status == 0
        sizes.append((folder / name).stat().st_size)
    assert sizes[1] < sizes[0] / 2


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_holds_an_honest_no(run, folder, fake, photo, format):
    name = f"m{FORMATS[format].suffix}"
    result = run("segment", photo, "--text", "unicorn", "-o", name, "--format", format)
    assert result.status == 3, result.err
    assert {path.name for path in folder.iterdir()} == {name, *files_beside(name, FORMATS[format])}


def test_the_help_names_every_format(run):
    help = run("segment", "--help").out
    assert all(name in help for name in FORMATS)


def test_an_absent_thing_gives_an_empty_mask(run, folder, fake, photo):
    result = run("segment", photo, "--text", "unicorn", "-o", "m.png", "--card", "c.png")
    assert result.status == 3
    assert not np.asarray(Image.open("m.png")).any()
    assert (folder / "c.png").exists()


def test_without_an_output_a_summary_and_a_hint(run, folder, fake, photo):
    result = run("segment", photo, "--point", "200,150", "--text", "cat")
    lines = dict(line.split(maxsplit=1) for line in result.out.splitlines())
    assert lines["verdict"] == "found"
    assert lines["why"] == "A disk was asked for."
    assert lines["similarity"] == "0.80 (iou)"
    assert lines["presence"] == "0.90"
    assert lines["box"] == "x 180 to 221, y 130 to 171 (41 x 41 pixels)"
    assert "hint" not in lines
    assert "pixels" in lines["area"]
    assert lines["time"].endswith(" s")
    assert HINT in result.out
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", ["猫", "кошка", "الكوب", "zzxqv"])
def test_words_that_are_not_known_hint_at_english(run, folder, fake, photo, words):
    fake.unknown = {words}
    result = run("segment", photo, "--point", "200,150", "--text", words)
    assert result.status == 0
    assert f"hint        {LANGUAGE_HINT}\n" in result.out
    assert "English" in LANGUAGE_HINT


def test_the_prompt_arrives_as_it_was_typed(run, folder, fake, photo):
    mask = np.zeros((300, 451), np.uint8)
    mask[10:20, 10:30] = 255
    Image.fromarray(mask).save("mask.png")
    Image.open(photo).save("a:b.png")
    result = run(
        "segment", photo, "--point", "200,150", "--point", "1.5,2", "--negative", "9,9",
        "--box", "0,0,451,300", "--scribble", "1,1;2,2;", "--negative-scribble", "3,3",
        "--polygon", "0,0;9,0;9,9", "--mask", "mask.png", "--text", " the  cat ", "--not", "dog",
        "--example", "a:b.png:mask.png", "--negative-example", "a:b.png:mask.png",
    )  # fmt: skip
    assert result.status == 0, result.err
    (prompt,) = fake.prompts
    assert prompt.points.xy.tolist() == [[200, 150], [1.5, 2], [9, 9]]
    assert prompt.points.labels.tolist() == [1, 1, 0]
    assert prompt.box.xyxy.tolist() == [0, 0, 451, 300]
    assert [(s.xy.tolist(), s.label) for s in prompt.scribbles] == [
        ([[1, 1], [2, 2]], 1),
        ([[3, 3]], 0),
    ]
    assert prompt.polygon.xy.shape == (3, 2)
    assert prompt.mask.mask.sum() == 200
    assert (prompt.text.phrase, prompt.negative_text.phrase) == ("the cat", "dog")
    assert prompt.examples[0].mask.sum() == 200
    assert [example.label for example in prompt.examples] == [1, 0]


def test_several_things_are_not_meant(run, folder, fake, photo):
    run("segment", photo, "--text", "cat", "--not", "a dog", "--not", "grass")
    assert fake.prompts[0].negative_text.phrase == "a dog; grass"


def test_what_was_drawn_is_kept_unless_told_otherwise(run, folder, fake, photo):
    outline = "0,0;9,0;9,9"
    run("segment", photo, "--polygon", outline)
    assert fake.loaded["policy"].refine == "keep"
    run("segment", photo, "--polygon", outline, "--refine", "free", "--pool", "parts")
    assert (fake.loaded["policy"].refine, fake.loaded["policy"].pool) == ("free", "parts")


def test_the_choices_arrive_as_they_were_typed(run, folder, fake, photo):
    run("segment", photo, "--point", "1,1")
    policy = fake.loaded["policy"]
    assert (fake.loaded["model"], fake.loaded["cache"]) == ("compact", True)
    assert (policy.metric, policy.pool, policy.weighing) == ("iou", "paper", (0, 0, 1))
    run(
        "segment", photo, "--point", "1,1", "--model", "other", "--no-cache",
        "--metric", "dice", "--pool", "wide", "--weights", "0.1,0.2,0.7",
        "--text-model", "words", "--device", "cpu", "--dtype", "float32",
    )  # fmt: skip
    policy = fake.loaded["policy"]
    assert (fake.loaded["model"], fake.loaded["cache"]) == ("other", False)
    assert [fake.loaded[name] for name in ("text_model", "device", "dtype")] == [
        *("words", "cpu", "float32")
    ]
    assert (policy.metric, policy.pool, policy.weights) == ("dice", "wide", (0.1, 0.2, 0.7))


def test_force_replaces(run, folder, fake, photo):
    (folder / "m.png").write_bytes(b"old")
    assert run("segment", photo, "--point", "1,1", "-o", "m.png").status == 2
    assert run("segment", photo, "--point", "1,1", "-o", "m.png", "--force").status == 0
    assert Image.open("m.png").size == (451, 300)


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (ModelError("the decoder gave no mask"), 1, "the decoder gave no mask"),
        (RuntimeError("two\nlines"), 1, "unexpected RuntimeError: two\\nlines (--debug"),
        (MemoryError(), 1, "out of memory"),
        (MissingExtraError("torch", "model sam"), 2, 'pip install "biprompt[torch]"'),
        (WeightsError("file", expected="sha256 a", actual="sha256 b"), 2, "sha256 b"),
        (KeyboardInterrupt(), 130, "biprompt: interrupted"),
    ],
)
def test_an_error_is_one_line_and_a_status(run, folder, fake, photo, error, status, says):
    fake.error = error
    result = run("segment", photo, "--point", "1,1", "-o", "m.png", "--json")
    assert result.status == status
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert says in result.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("how", ["before", "after", "environment"])
def test_debug_shows_the_traceback(run, folder, fake, photo, monkeypatch, how):
    fake.error = RuntimeError("deep inside")
    arguments = ["segment", photo, "--point", "1,1"]
    if how == "environment":
        monkeypatch.setenv("BIPROMPT_DEBUG", "1")
    elif how == "before":
        arguments.insert(0, "--debug")
    else:
        arguments.append("--debug")
    result = run(*arguments)
    assert result.status == 1
    assert "Traceback" in result.err
    assert result.err.splitlines()[-1].startswith("biprompt: error: ")


@pytest.mark.parametrize("granularity", ["part", "object", "whole"])
def test_granularity_reaches_the_gate(run, folder, fake, photo, granularity):
    run("segment", photo, "--point", "200,150", "--granularity", granularity)
    assert fake.loaded["policy"].granularity == granularity
