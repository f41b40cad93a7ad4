"""`biprompt evaluate referring`: what is wrong is one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.data.readers.conftest import Disk

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "flare22"], "data set: expected one of refcoco, refcoco-google, "),
        (["--dataset", "nod"], "data set: expected refcoco"),
        (["--dataset", "refcoco"], "refcoco/refs(unc).p: file: expected it to be there (see: bipr"),
        (["--dataset", "ade20k"], "images/validation: folder: expected it to be there"),
        (["--split", "test"], "split of coco-folder: expected all, got test"),
        (["--split", "all,all"], "--split: expected names of splits, each once, got all,all"),
        (["--dataset", "refcoco", "--instances"], "--instances: expected data of single labelled"),
        (["--instances", "--every-class"], "--every-class: expected data of classes"),
        (["--processes", "0"], "--processes"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_bad_input_is_one_line(
    run: Run, photos: Path, folder: Path, arguments: list[str], message: str
) -> None:
    done = run("evaluate", "referring", "--data", photos, *arguments)
    assert done.status == 2 and done.out == ""
    assert message in done.err and done.err.count("\n") == 1
    assert not (folder / "docs").exists()


def test_a_missing_split_of_several(run: Run, refer: Disk, folder: Path) -> None:
    given = ("--data", refer.root, "--dataset", "refcoco", "--split", "val,testC")
    done = run("evaluate", "referring", *given)
    assert done.status == 2 and "expected testA, testB, val, got testC" in done.err


def test_help_has_examples(run: Run) -> None:
    done = run("evaluate", "referring", "--help")
    assert done.status == 0 and "--split val,testA,testB --model evf-sam" in done.out
