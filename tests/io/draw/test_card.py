from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.errors import InputError
from biprompt.io.draw import Panel, card_image
from biprompt.io.draw.card import MARGIN
from biprompt.io.draw.palette import ACCENT, INK, PAPER
from biprompt.io.draw.view import View, region_of_interest
from biprompt.prompts import Prompt

PHOTO = np.random.default_rng(5).integers(60, 200, (90, 120, 3), dtype=np.uint8)
MASK = np.zeros((90, 120), bool)
MASK[20:70, 30:90] = True
SIDES = st.sampled_from([1, 2, 8, 33, 120, 700])
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)


def count(picture: np.ndarray, color: tuple[int, int, int]) -> int:
    return int((picture == color).all(axis=2).sum())


def panels(number: int, winner: int | None = 0) -> list[Panel]:
    return [
        Panel(f"Candidate {i + 1}", MASK, ("from the click",), 0.5, 0.8, i == winner)
        for i in range(number)
    ]


def test_winner_is_marked_and_only_the_winner() -> None:
    empty = [Panel(f"Candidate {i + 1}", None, (), 0.5, 0.8, i == 1) for i in range(3)]
    marked = card_image(PHOTO, empty, "the cup", badge="Found", positive=False)
    columns = np.flatnonzero((marked == ACCENT).all(axis=2).any(axis=0))
    third = (marked.shape[1] - 2 * MARGIN) / 3
    assert columns.min() > MARGIN + third - 20 and columns.max() < MARGIN + 2 * third + 30
    none = [Panel("Candidate 1", None, (), 0.5, 0.8)]
    assert count(card_image(PHOTO, none, "the cup", badge="Not here", positive=False), ACCENT) == 0


def test_bars_are_as_long_as_the_numbers() -> None:
    def longest(share: float) -> int:
        card = card_image(PHOTO, [Panel("Candidate 1", None, (), share, None)], "x")
        bar = (132, 144, 160)
        return int((card == bar).all(axis=2).sum(axis=1).max())

    full = longest(1.0)
    assert longest(0.0) == 0 and longest(float("nan")) == 0 and longest(3.0) == full
    assert abs(longest(0.5) / full - 0.5) < 0.02


@pytest.mark.parametrize(
    ("number", "width"), [(1, 860), (2, 1120), (3, 1400), (4, 1400), (7, 1400)]
)
def test_width(number: int, width: int) -> None:
    assert card_image(PHOTO, panels(number), "the cup").shape[1] == width


def assert_nothing_clipped(card: np.ndarray) -> None:
    edges = np.concatenate([card[:20].reshape(-1, 3), card[-8:].reshape(-1, 3)])
    sides = np.concatenate([card[:, :20].reshape(-1, 3), card[:, -20:].reshape(-1, 3)])
    assert (edges == PAPER).all() and (sides == PAPER).all()


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES, st.integers(1, 8), WORDS, WORDS, st.data())
def test_any_picture_and_any_words(
    height: int, width: int, number: int, short: str, other: str, data: st.DataObject
) -> None:
    image = np.full((height, width, 3), 90, np.uint8)
    mask = np.zeros((height, width), bool)
    mask[height // 2 :, width // 3 :] = data.draw(st.booleans())
    drawn = [Panel(short, mask, (other, short), 0.3, None, winner=i == 0) for i in range(number)]
    card = card_image(image, drawn, other * 6, badge=short, reason=short * 9, footer=other * 4)
    assert card.dtype == np.uint8 and card.ndim == 3
    assert_nothing_clipped(card)


def test_long_texts_make_the_card_taller_and_stay_inside() -> None:
    usual = card_image(PHOTO, panels(3), "the cup", reason="why").shape[0]
    long = Panel("W" * 200, MASK, ("W" * 300,), 0.5, 0.8, winner=True)
    card = card_image(
        PHOTO, [long, *panels(2, None)], "the cup " * 125, reason="W" * 900, footer="f " * 900
    )
    assert card.shape[0] > usual + 500 and count(card, INK) > 0
    assert_nothing_clipped(card)


def test_inputs_are_not_changed() -> None:
    before, mask = PHOTO.copy(), MASK.copy()
    card_image(PHOTO, panels(2), "x", prompt=Prompt.build(points=[(50, 50)]))
    assert np.array_equal(PHOTO, before) and np.array_equal(MASK, mask)


def test_wrong_input() -> None:
    with pytest.raises(InputError, match="panels"):
        card_image(PHOTO, [], "x")
    with pytest.raises(InputError, match="mask"):
        card_image(PHOTO, [Panel("a", MASK[:5])], "x")
    with pytest.raises(InputError, match="image"):
        card_image(PHOTO[..., 0], panels(1), "x")


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_region_holds_every_mask_and_mark(height: int, width: int, data: st.DataObject) -> None:
    def pixel() -> tuple[int, int]:
        return data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))

    masks = []
    for _ in range(data.draw(st.integers(0, 3))):
        x, y = pixel()
        masks.append(np.zeros((height, width), bool))
        masks[-1][y, x] = True
    (px, py), prompt = (point := pixel()), Prompt.build(points=[point])
    x0, y0, x1, y1 = region_of_interest((height, width), masks, prompt)
    assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
    assert x0 <= px < x1 and y0 <= py < y1
    assert all(mask[y0:y1, x0:x1].any() for mask in masks)


def test_region_without_anything_is_the_whole_picture() -> None:
    assert region_of_interest((50, 70), [np.zeros((50, 70), bool)], None) == (0, 0, 70, 50)
    assert region_of_interest((90, 120), [MASK], None) == (0, 0, 120, 90)


def test_tiny_mask_does_not_vanish_from_the_thumbnail() -> None:
    mask = np.zeros((900, 1200), bool)
    mask[450, 600] = True
    image = np.full((900, 1200, 3), 90, np.uint8)
    view = View.of(image, (0, 0, 1200, 900), (120, 90), None)
    assert (view.thumbnail(mask, ACCENT) != 90).any()
