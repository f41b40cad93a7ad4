"""Every bad input: one clear line, status 2, nothing written, the model not even loaded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

WIDTH, HEIGHT = 451, 300


def save_mask(path: Path, *, hw: tuple[int, int] = (HEIGHT, WIDTH), value: int = 255) -> Path:
    Image.fromarray(np.full(hw, value, np.uint8)).save(path)
    return path


def assert_refused(run, folder: Path, *arguments: object, says: str) -> None:
    before = sorted(folder.rglob("*"))
    result = run(*arguments)
    assert result.status == 2, result
    assert result.out == ""
    assert result.err.startswith("biprompt: error: ")
    assert result.err.count("\n") == 1 and result.err.endswith("\n")
    assert result.err.isprintable() or result.err[:-1].isprintable()
    assert says in result.err, result.err
    assert sorted(folder.rglob("*")) == before


PROMPTS = [
    (["--point", "451,10"], "0 <= x < 451 and 0 <= y < 300"),
    (["--point", "10,300"], "0 <= x < 451 and 0 <= y < 300"),
    (["--point=-1,10"], "0 <= x < 451 and 0 <= y < 300"),
    (["--negative", "9999,10", "--point", "1,1"], "0 <= x < 451 and 0 <= y < 300"),
    (["--point", "nan,10"], "finite"),
    (["--point", "inf,10"], "finite"),
    (["--point", "ten,10"], "--point: expected X,Y, got 'ten,10'"),
    (["--point", "10"], "expected X,Y"),
    (["--point", "10,10,10"], "expected X,Y"),
    (["--point", ""], "expected X,Y"),
    (["--negative", "x"], "--negative: expected X,Y, got 'x'"),
    (["--negative", "10,10"], "only points or strokes that remove"),
    (["--box", "10,10,10,50"], "box"),
    (["--box", "50,10,10,50"], "box"),
    (["--box", "0,0,452,300"], "box"),
    (["--box", "-1,0,100,100"], "box"),
    (["--box", "nan,0,100,100"], "finite"),
    (["--box", "0.1,0.1,0.9,0.9"], "box: expected at least 1 x 1 pixels"),
    (["--point", "10,20", "--negative", "10,20"], "got both at (10, 20)"),
    (["--box", "1,2,3"], "--box: expected X0,Y0,X1,Y1, got '1,2,3'"),
    (["--box", "0,0,9,9", "--box", "0,0,8,8"], "--box: expected it once, got 2 times"),
    (["--scribble", "1,1;999,1"], "0 <= x < 451 and 0 <= y < 300"),
    (["--scribble", "1,1;x"], "--scribble: expected X,Y, got 'x'"),
    (["--scribble", ";"], "--scribble"),
    (["--negative-scribble", "1,1;2,2"], "only points or strokes that remove"),
    (["--polygon", "1,1;2,2"], "polygon"),
    (["--polygon", "1,1;2,2;3,3"], "polygon"),
    (["--polygon", "1,1;999,1;9,9"], "polygon"),
    (["--text", ""], "phrase"),
    (["--text", " \t "], "phrase"),
    (["--text", "cat " * 2500], "1000"),
    (["--text", "c\x07at"], "control"),
    (["--text", "cat\x1b[31m"], "control"),
    (["--text", "a", "--text", "b"], "--text: expected it once"),
    (["--not", "dog"], "expected a point"),
    (["--text", "cat", "--not", ""], "phrase"),
    ([], "expected a point"),
    (["--example", "nowhere"], "--example: expected IMAGE:MASK, got 'nowhere'"),
    (["--example", "a.png:b.png"], "a.png"),
    (["--negative-example", "nowhere"], "--negative-example: expected IMAGE:MASK, got 'nowhere'"),
    (["--mask", "nowhere.png"], "nowhere.png"),
    (["--point", "1,1", "--weights", "1,1"], "--weights: expected W1,W2,W3"),
    (["--point", "1,1", "--weights", "0,0,0"], "weights"),
    (["--point", "1,1", "--weights", "nan,0,1"], "weights"),
    (["--point", "1,1", "--pool", "big"], "'big' is not one of 'paper', 'wide'"),
    (["--point", "1,1", "--metric", "f1"], "'f1' is not one of 'iou', 'dice'"),
    (["--point"], "requires an argument"),
    (["--pont", "1,1"], "--point"),
    (["--point", "1,1", "another.jpg"], "another.jpg"),
]


@pytest.mark.parametrize(("options", "says"), PROMPTS, ids=lambda value: str(value)[:40])
def test_prompts(run, folder, fake, photo, options, says):
    outputs = ["-o", "m.png", "--overlay", "o.png", "--card", "c.png", "--json"]
    assert_refused(run, folder, "segment", photo, *outputs, *options, says=says)


def test_a_mask_of_another_size(run, folder, fake, photo):
    save_mask(folder / "small.png", hw=(30, 45))
    assert_refused(run, folder, "segment", photo, "--mask", "small.png", says="mask")


def test_a_photograph_as_mask(run, folder, fake, photo):
    says = "chelsea.jpg: mask: expected black and one other colour"
    assert_refused(run, folder, "segment", photo, "--mask", photo, says=says)
    assert_refused(run, folder, "segment", photo, "--example", f"{photo}:{photo}", says=says)


def test_an_empty_mask(run, folder, fake, photo):
    save_mask(folder / "empty.png", value=0)
    assert_refused(run, folder, "segment", photo, "--mask", "empty.png", says="mask")


def test_an_example_whose_mask_is_of_another_size(run, folder, fake, photo):
    save_mask(folder / "small.png", hw=(30, 45))
    pair = f"{photo}:small.png"
    assert_refused(run, folder, "segment", photo, "--example", pair, says="small.png")


def broken_images(folder: Path, photo: Path) -> dict[str, Path]:
    whole = photo.read_bytes()
    contents = {
        "empty.jpg": b"",
        "words.jpg": b"not an image\n" * 40,
        "short.jpg": whole[: len(whole) // 2],
        "header.jpg": whole[:30],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "folder.jpg").mkdir()
    names = [*contents, "folder.jpg", "missing.jpg"]
    return {name: folder / name for name in names}


@pytest.mark.parametrize(
    "name", ["empty.jpg", "words.jpg", "short.jpg", "header.jpg", "folder.jpg", "missing.jpg"]
)
def test_images(run, folder, fake, photo, name):
    path = broken_images(folder, photo)[name]
    assert_refused(run, folder, "segment", path, "--point", "1,1", "-o", "m.png", says=name)


def test_an_image_above_the_pixel_limit(run, folder, fake, photo, monkeypatch):
    monkeypatch.setenv("BIPROMPT_MAX_PIXELS", "1000")
    assert_refused(run, folder, "segment", photo, "--point", "1,1", says="BIPROMPT_MAX_PIXELS")


OUTPUTS = [
    (["-o", "nowhere/m.png"], "nowhere"),
    (["-o", "there.png"], "--force"),
    (["-o", "folder.png"], "folder.png"),
    (["-o", "folder.png", "--force"], "folder.png"),
    (["-o", "there.png/m.png"], "there.png"),
    (["-o", ""], "expected a file name, got a folder"),
    (["-o", "folder"], "folder: output: expected a file name, got a folder"),
    (["-o", "folder/"], "folder: output: expected a file name, got a folder"),
    (["--overlay", "folder"], "folder: output: expected a file name, got a folder"),
    (["-o", "m.png", "--card", "folder"], "folder: output: expected a file name, got a folder"),
    (["-o", "m.png", "--format", "coco"], "ends in .json, for the format coco, got '.png'"),
    (["-o", "m.json", "--format", "png"], "ends in .png, for the format png, got '.json'"),
    (["-o", "m.jpg", "--format", "png"], "ends in .png, for the format png, got '.jpg'"),
    (["-o", "m"], ".geojson, or a format by name (png, labels"),
    (["-o", "m.bmp"], ".png"),
    (["-o", "m.png", "--format", "tiff"], "png, labels, overlay, coco, yolo, labelme or geojson"),
    (["--format", "png"], "--format: expected -o FILE to go with it"),
    (["--tolerance", "1"], "--tolerance: expected -o FILE to go with it"),
    (["-o", "m.png", "--tolerance", "1"], "format png, which has no outlines"),
    (["-o", "m.txt", "--tolerance", "-1"], "tolerance: expected 0 or more pixels"),
    (["-o", "m.txt", "--tolerance", "nan"], "tolerance: expected 0 or more pixels"),
    (["-o", "m.txt", "--format", "labelme"], "ends in .json, for the format labelme"),
    (["-o", "there.txt"], "there.classes.txt: output file: expected a new file"),
    (["--overlay", "o.jpg"], ".png"),
    (["--card", "c"], ".png"),
    (["-o", "a.png", "--card", "a.png"], "one file for each output"),
    (["--overlay", "a.png", "--card", "./a.png"], "one file for each output"),
    (["-o", "m.png", "--card", "there.png"], "there.png"),
]


@pytest.mark.parametrize(("options", "says"), OUTPUTS, ids=lambda value: str(value)[:40])
def test_outputs_are_refused_before_the_model_is_loaded(
    run, folder, photo, monkeypatch, options, says
):
    monkeypatch.setattr("biprompt.load", None)
    (folder / "there.png").write_bytes(b"keep me")
    (folder / "there.classes.txt").write_bytes(b"keep me")
    (folder / "folder.png").mkdir()
    (folder / "folder").mkdir()
    assert_refused(run, folder, "segment", photo, "--point", "1,1", *options, says=says)
    assert (folder / "there.png").read_bytes() == b"keep me"


def test_the_photograph_is_never_replaced(run, folder, fake, photo):
    copy = folder / "photo.png"
    copy.write_bytes(photo.read_bytes())
    os.symlink(copy, folder / "link.png")
    for name in ("photo.png", "link.png"):
        arguments = ("segment", copy, "--point", "1,1", "-o", name, "--force")
        assert_refused(run, folder, *arguments, says="a file other than what is read")


def test_a_folder_without_permission(run, folder, fake, photo, monkeypatch):
    (folder / "locked").mkdir()
    # Nothing is read-only to the superuser, as which tests may run.
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("locked"))
    arguments = ("segment", photo, "--point", "1,1", "-o", "locked/m.png")
    assert_refused(run, folder, *arguments, says="permission denied")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["segment"], "IMAGE"),
        (["sgment"], "segment"),
        (["--verson"], "--version"),
        (["models", "extra"], "extra"),
        (["train"], "biprompt train --help"),
        (["train", "compact", "--data", "x"], "--out"),
        (["doctor", "--yaml"], "--yaml"),
    ],
)
def test_usage(run, folder, arguments, says):
    assert_refused(run, folder, *arguments, says=says)
