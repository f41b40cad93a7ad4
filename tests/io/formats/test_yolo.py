"""YOLO labels: the very lines, classes, and files from elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.errors import DataError, InputError
from biprompt.io.formats.export import export
from biprompt.io.formats.objects import LabelledImage, LabelledMask
from biprompt.io.formats.yolo import class_names, parse_yolo, yolo_labels

HW = (4, 8)
BOX = np.zeros(HW, bool)
BOX[1:3, 2:6] = True
RING = np.zeros(HW, bool)
RING[:3, :3] = True
RING[1, 1] = False
TWO = np.zeros(HW, bool)
TWO[0, 7] = TWO[3, 0] = True


def image(**masks: np.ndarray) -> LabelledImage:
    things = tuple(LabelledMask.of(mask, name) for name, mask in masks.items())
    return LabelledImage("a.jpg", HW, things)


def test_the_very_lines() -> None:
    things = [(BOX, "the\ncup"), (BOX, "dish"), (np.zeros(HW, bool), "fork"), (BOX, "the cup")]
    found = LabelledImage("a.jpg", HW, tuple(LabelledMask.of(*thing) for thing in things))
    labels, classes = export(found, "yolo").files
    share = "0.2500000 0.2500000 0.7500000 0.2500000 0.7500000 0.7500000 0.2500000 0.7500000"
    assert labels.data.decode() == f"0 {share}\n1 {share}\n0 {share}\n"
    assert (labels.tail, classes.tail) == (".txt", ".classes.txt")
    assert classes.data.decode() == "the cup\ndish\nfork\n"


def test_no_object_is_an_empty_file() -> None:
    labels, classes = export(image(), "yolo").files
    assert labels.data == classes.data == b""
    assert parse_yolo("", HW).objects == parse_yolo("\n \n", HW).objects == ()


def test_classes_of_a_data_set() -> None:
    found = image(cup=BOX, dish=RING)
    assert class_names(found) == ["cup", "dish"]
    text = yolo_labels(found, ["dish", "fork", "cup"])
    assert [line[0] for line in text.splitlines()] == ["2", "0"]
    with pytest.raises(InputError, match="expected one of the classes, got 'dish'"):
        yolo_labels(found, ["cup"])


def test_what_is_lost() -> None:
    assert export(image(cup=BOX), "yolo").lost == ()
    lost = export(image(cup=RING, dish=TWO, fork=BOX, a=BOX & RING), "yolo").lost
    assert lost[0] == "Holes and parts of 2 objects are joined by cuts of no width."


def test_holes_and_parts_are_joined_and_come_back() -> None:
    both = RING | TWO
    labels = export(image(cup=both), "yolo").files[0].data
    assert labels.count(b"\n") == 1
    (thing,) = parse_yolo(labels, HW, ["cup"]).objects
    assert np.array_equal(thing.mask, both)


@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_files_from_elsewhere_with_fewer_decimals(decimals: int) -> None:
    hw = (300, 400)
    disk = (np.indices(hw)[0] - 150) ** 2 + (np.indices(hw)[1] - 200) ** 2 < 90**2
    disk[120:160, 180:200] = False
    found = LabelledImage("a.jpg", hw, (LabelledMask.of(disk),))
    first, *rest = yolo_labels(found, ["object"]).split()
    short = " ".join([first, *(f"{float(value):.{decimals}f}" for value in rest)])
    (thing,) = parse_yolo(short, hw).objects
    # A thousandth of the width is less than half a pixel here.
    assert np.array_equal(thing.mask, disk) and thing.label == "0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cup 0 0 1 0 1 1", "line 1: expected the number of a class, got 'cup'"),
        ("\n-1 0 0 1 0 1 1", "line 2: expected the number of a class"),
        ("² 0 0 1 0 1 1", "the number of a class"),
        ("2 0 0 1 0 1 1", "line 1: expected a class below 2, got 2"),
        ("0 0.5 0.5 1 1", "three or more points"),
        ("0 0 0 1 0 1 1 1", "three or more points"),
        ("0", "three or more points"),
        ("0 0 0 1 x 1 1", "line 1: expected numbers"),
        ("0 0 0 1 nan 1 1", "finite"),
        ("0 0 0 1 inf 1 1", "finite"),
        (b"0 0 0 1 0 1 1 \xff", "expected text"),
    ],
)
def test_damaged_files(text: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_yolo(text, HW, ["cup", "dish"])
