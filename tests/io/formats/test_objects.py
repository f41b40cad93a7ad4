"""Labelled masks and the image they lie in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.errors import DataError, InputError
from biprompt.io.formats.objects import (
    COLOURS,
    DEFAULT_LABEL,
    LabelledImage,
    LabelledMask,
    hex_colour,
    parse_colour,
)
from biprompt.masks import rle_encode

MASK = np.array([[True, False, True], [False, False, True]])


def test_a_mask_comes_back() -> None:
    thing = LabelledMask.of(MASK, "cup", colour=(1, 2, 3), score=0.5)
    assert np.array_equal(thing.mask, MASK)
    assert (thing.hw, thing.area, thing.label, thing.score) == ((2, 3), 3, "cup", 0.5)
    assert LabelledMask("cup", rle_encode(MASK), (1, 2, 3), 0.5) == thing
    assert LabelledMask.of(MASK).label == DEFAULT_LABEL


def test_uncompressed_run_lengths_become_compressed() -> None:
    runs: Any = {"size": [2, 3], "counts": [0, 1, 3, 2]}
    assert LabelledMask("cup", runs).rle == rle_encode(MASK)


def test_half_characters_are_replaced() -> None:
    assert LabelledMask.of(MASK, "caf\udce9").label == "caf\ufffd"
    assert LabelledImage("caf\udce9.jpg", (2, 3)).file_name == "caf\ufffd.jpg"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": " "}, "label"),
        ({"label": 3}, "label"),
        ({"score": float("nan")}, "score"),
        ({"score": "high"}, "score"),
        ({"colour": (1, 2)}, "colour"),
        ({"colour": (1, 2, 256)}, "colour"),
        ({"colour": "#000000"}, "colour"),
    ],
)
def test_wrong_values(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        LabelledMask(**{"label": "cup", "rle": rle_encode(MASK), **change})


@pytest.mark.parametrize("rle", [{"size": [2, 3], "counts": "!!"}, {}, {"size": [2, 3]}, 3])
def test_damaged_run_lengths(rle: Any) -> None:
    with pytest.raises(DataError, match="RLE"):
        LabelledMask("cup", rle)


def test_masks_of_another_kind() -> None:
    for mask in (np.zeros((2, 3)), np.zeros((1, 2, 3), bool), np.zeros((0, 3), bool)):
        with pytest.raises(InputError, match="mask"):
            LabelledMask.of(mask)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hw": (0, 3)}, "image size"),
        ({"hw": (3, 2)}, "mask size"),
        ({"pixels": np.zeros((3, 2, 3), np.uint8)}, "pixels"),
        ({"pixels": np.zeros((2, 3, 3))}, "pixels"),
    ],
)
def test_wrong_images(change: dict[str, Any], said: str) -> None:
    things = {"file_name": "a.jpg", "hw": (2, 3), "objects": (LabelledMask.of(MASK),)}
    with pytest.raises(InputError, match=said):
        LabelledImage(**{**things, **change})


def test_colours() -> None:
    things = (LabelledMask.of(MASK), LabelledMask.of(MASK, colour=(1, 2, 3)), LabelledMask.of(MASK))
    image = LabelledImage("a.jpg", (2, 3), things)
    assert [image.colour(n) for n in range(3)] == [COLOURS[0], (1, 2, 3), COLOURS[2]]
    assert all(parse_colour(hex_colour(colour)) == colour for colour in COLOURS)
    assert parse_colour("#0aFf00") == (10, 255, 0)


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#1234567", "", None, 3, "#123456\n"])
def test_wrong_colours(text: Any) -> None:
    with pytest.raises(InputError, match="colour: expected #rrggbb"):
        parse_colour(text)
