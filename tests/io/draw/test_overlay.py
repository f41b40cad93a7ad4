from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biprompt.errors import InputError
from biprompt.io.draw import overlay
from biprompt.io.draw.palette import ACCENT, ADD, REMOVE, WHITE
from biprompt.prompts import Prompt

GREY = np.full((200, 300, 3), 100, np.uint8)
SQUARE = np.zeros((200, 300), bool)
SQUARE[50:150, 100:200] = True


def at(picture: np.ndarray, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(value) for value in picture[y, x])


def test_tint_outline_and_untouched_rest() -> None:
    picture = overlay(GREY, SQUARE)
    assert at(picture, 100, 100) == ACCENT
    assert at(picture, 99, 100) == WHITE
    assert at(picture, 150, 100) == tuple(round(100 * 0.58 + c * 0.42) for c in ACCENT)
    changed = (picture != GREY).any(axis=2)
    assert not changed[:48].any() and not changed[:, :98].any() and changed[SQUARE].all()
    assert (GREY == 100).all()


def test_colour_is_chosen() -> None:
    assert at(overlay(GREY, SQUARE, color=(255, 0, 0)), 100, 100) == (255, 0, 0)


def test_empty_mask_changes_nothing() -> None:
    assert np.array_equal(overlay(GREY, np.zeros((200, 300), bool)), GREY)


def test_outline_is_closed_at_the_edge_of_the_picture() -> None:
    picture = overlay(GREY, np.ones((200, 300), bool))
    assert at(picture, 0, 77) == at(picture, 299, 77) == at(picture, 77, 199) == ACCENT


def test_lines_grow_with_the_picture() -> None:
    large, mask = np.full((1500, 1500, 3), 100, np.uint8), np.zeros((1500, 1500), bool)
    mask[500:1000, 500:1000] = True
    row = overlay(large, mask)[750]
    assert (row[500:505] == ACCENT).all() and not (row[505] == ACCENT).all()


def test_points_carry_a_sign_and_a_rim() -> None:
    prompt = Prompt.build(points=[(50.5, 40.5), (250.5, 40.5)], labels=[1, 0])
    picture = overlay(GREY, np.zeros((200, 300), bool), prompt=prompt)
    assert at(picture, 50, 40) == at(picture, 250, 40) == WHITE
    assert at(picture, 52, 37) == ADD and at(picture, 252, 37) == REMOVE
    # Only a plus has an upright stroke.
    assert at(picture, 50, 38) == WHITE and at(picture, 250, 38) == REMOVE


def test_box_polygon_and_scribbles() -> None:
    prompt = Prompt.build(
        box=[20, 20, 120, 180],
        polygon=[(150, 20), (280, 20), (280, 100)],
        scribbles=[([(150, 150), (200, 150)], 1), ([(250, 150)], 0)],
    )
    picture = overlay(GREY, np.zeros((200, 300), bool), prompt=prompt)
    assert at(picture, 175, 150) == ADD and at(picture, 250, 150) == REMOVE
    for x, y in ((20, 100), (119, 100), (70, 20), (200, 20), (280, 60)):
        near = picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(int)
        assert np.abs(near - ADD).sum(axis=1).min() < 90


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_any_size_and_place(height: int, width: int, data: st.DataObject) -> None:
    image = np.full((height, width, 3), 90, np.uint8)
    mask = np.zeros((height, width), bool)
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    mask[top:, left:] = True
    prompt = Prompt.build(points=[(left, top)], box=[0, 0, width, height])
    picture = overlay(image, mask, prompt=prompt)
    assert picture.shape == image.shape and picture.dtype == np.uint8


def test_wrong_arrays() -> None:
    for image in (GREY[..., :2], GREY[..., 0], GREY.astype(float)):
        with pytest.raises(InputError, match="image"):
            overlay(image, SQUARE)
    for mask in (SQUARE[:100], SQUARE.astype(np.uint8)):
        with pytest.raises(InputError, match="mask"):
            overlay(GREY, mask)
