"""The label map, and the overlay of several objects."""

from __future__ import annotations

import json
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from biprompt.errors import InputError
from biprompt.io.draw import overlay
from biprompt.io.formats.export import export
from biprompt.io.formats.labels import TEXT_KEY
from biprompt.io.formats.objects import COLOURS, LabelledImage, LabelledMask

STACKS = hnp.arrays(np.bool_, st.tuples(st.integers(0, 4), st.integers(1, 9), st.integers(1, 9)))


def image(masks: np.ndarray, **more: np.ndarray) -> LabelledImage:
    things = tuple(LabelledMask.of(mask, f"Tasse {n}é") for n, mask in enumerate(masks))
    return LabelledImage("a.jpg", masks.shape[1:], things, **more)


@given(STACKS)
def test_every_pixel_has_the_number_of_its_last_object(masks: np.ndarray) -> None:
    written = export(image(masks), "labels")
    (file,) = written.files
    with Image.open(BytesIO(file.data)) as picture:
        assert (picture.format, picture.mode, file.tail) == ("PNG", "P", ".png")
        numbers = np.asarray(picture)
        assert json.loads(picture.text[TEXT_KEY]) == [f"Tasse {n}é" for n in range(len(masks))]
        shown = np.asarray(picture.convert("RGB"))
    colours = np.array([(0, 0, 0), *COLOURS])
    assert np.array_equal(shown, colours[numbers])
    expected = np.zeros(masks.shape[1:], np.uint8)
    for number, mask in enumerate(masks, start=1):
        expected[mask] = number
    assert np.array_equal(numbers, expected)
    shared = int((masks.sum(axis=0) > 1).sum())
    assert len(written.lost) == (shared > 0)
    assert not shared or f"Of {shared} pixel" in written.lost[0]


def test_as_many_objects_as_a_byte_can_count() -> None:
    masks = np.eye(256, dtype=bool).reshape(256, 16, 16)
    (file,) = export(image(masks[:255]), "labels").files
    with Image.open(BytesIO(file.data)) as picture:
        assert np.asarray(picture).ravel().tolist() == [*range(1, 256), 0]
    with pytest.raises(InputError, match="objects: expected at most 255 in a label map, got 256"):
        export(image(masks), "labels")


def test_the_overlay_shows_every_object_in_its_colour() -> None:
    masks = np.zeros((2, 40, 60), bool)
    masks[0, 5:15, 5:25] = masks[1, 20:35, 30:50] = True
    pixels = np.full((40, 60, 3), 128, np.uint8)
    (file,) = export(image(masks, pixels=pixels), "overlay").files
    with Image.open(BytesIO(file.data)) as picture:
        shown = np.asarray(picture)
    for n, mask in enumerate(masks):
        alone = overlay(pixels, mask, color=COLOURS[n])
        assert np.array_equal(shown[mask], alone[mask])
    assert np.all(pixels == 128)


def test_the_overlay_needs_the_photograph() -> None:
    with pytest.raises(InputError, match="image: expected the photograph, got none"):
        export(image(np.zeros((1, 2, 2), bool)), "overlay")
