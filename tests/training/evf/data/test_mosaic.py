from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.training.evf.data.conftest import HW, Made

from biprompt.training.evf.data.meaning import Facts
from biprompt.training.evf.data.mosaic import LONGEST, mosaic

LABELS = frozenset({"dog", "cat", "car", "cup", "horse", "sheep", "bus", "person"})


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def made(drafts: Made, index: int = 0, seed: int = 0) -> object:
    return mosaic(drafts, index, drafts.draft(index, rng()), drafts.meanings, rng(seed))


@pytest.mark.parametrize("seed", range(8))
def test_by_hand(seed: int) -> None:
    drafts = Made((("dog",), ("cat",), ("car",), ("cup",)), LABELS)
    mixed = made(drafts, seed=seed)
    height, width = HW
    assert mixed.pixels.shape == (2 * height, 2 * width, 3)
    assert (mixed.phrases, mixed.variant) == (("the dog",), "mosaic")
    corners = [(r, c) for r in (0, height) for c in (0, width)]
    values = {mixed.pixels[r, c, 0]: (r, c) for r, c in corners}
    assert set(values) == {0, 10, 20, 30}  # each of the four pictures once
    r, c = values[0]
    np.testing.assert_array_equal(mixed.pixels[r : r + height, c : c + width], drafts.picture(0))
    expected = np.zeros((2 * height, 2 * width), bool)
    expected[r + 1 : r + height - 1, c + 1] = True
    np.testing.assert_array_equal(mixed.masks[0], expected)


def test_the_first_picture_comes_into_every_corner() -> None:
    drafts = Made((("dog",), ("cat",), ("car",), ("cup",)), LABELS)
    places = {tuple(np.argwhere(made(drafts, seed=seed).masks[0])[0]) for seed in range(40)}
    assert places == {(1, 1), (1, 7), (5, 1), (5, 7)}


def test_others_never_hold_what_is_meant() -> None:
    drafts = Made((("dog",), ("cat",), ("dog", "cat"), ("car",), ("dog",), ("cup",)), LABELS)
    for seed in range(30):
        reds = set(np.unique(made(drafts, seed=seed).pixels[:, :, 0]))
        assert reds == {0, 10, 30, 50}


def test_not_where_too_few_are_without_it() -> None:
    assert made(Made((("dog",), ("cat",), ("dog", "car"), ("cup",)), LABELS)) is None


def test_not_where_nobody_searched_for_it() -> None:
    pictures = (("dog",), ("cat",), ("car",), ("cup",))
    assert made(Made(pictures, LABELS - {"dog"})) is None
    assert made(Made(pictures, LABELS)) is not None


def test_not_where_nothing_is_known() -> None:
    class Silent(Made):
        def facts(self, index: int) -> Facts | None:  # type: ignore[override]
            return None

    assert made(Silent((("dog",), ("cat",), ("car",), ("cup",)), LABELS)) is None


@pytest.mark.parametrize("phrase", ["left dog", "the biggest dog", "dog in front", "second dog"])
def test_phrases_that_say_where_are_left_out(phrase: str) -> None:
    pictures = (("dog", "person"), ("cat",), ("car",), ("cup",))
    drafts = Made(pictures, LABELS, phrases=(phrase, "the person"))
    assert made(replace(drafts, labels=(("dog",), *pictures[1:]), phrases=(phrase,))) is None
    mixed = made(drafts)
    assert mixed.phrases == ("the person",)
    assert len(mixed.masks) == 1


def test_each_phrase_has_to_hold_for_all_of_the_others() -> None:
    """Every picture but one holds a person, so only one thing can be said at a time."""
    pictures = (("dog", "person"), ("cat", "person"), ("car", "person"), ("cup", "person"))
    for seed in range(10):
        mixed = made(Made(pictures, LABELS), seed=seed)
        assert mixed is None or mixed.phrases == ("the dog",)


def test_pictures_with_things_of_the_same_kind_come_first() -> None:
    animals, others = [("cat",), ("horse",), ("sheep",)], [("car",), ("cup",), ("bus",)] * 3
    drafts = Made((("dog",), *others, *animals), LABELS)
    for seed in range(10):
        assert set(np.unique(made(drafts, seed=seed).pixels[:, :, 0])) == {0, 100, 110, 120}


def test_a_large_picture_is_made_smaller_with_its_mask() -> None:
    drafts = Made((("dog",), ("cat",), ("car",), ("cup",)), LABELS, hw=(900, 1800))
    mixed = made(drafts)
    assert mixed.pixels.shape == (LONGEST // 2, LONGEST, 3)
    assert mixed.variant == "small+mosaic"
    rows, columns = np.nonzero(mixed.masks[0])
    assert len(rows) == pytest.approx(898 * (640 / 1800), abs=2)  # one column of 898 pixels
    assert np.ptp(columns) == 0


def test_others_of_another_shape_fill_their_corner() -> None:
    class Mixed(Made):
        def picture(self, index: int) -> np.ndarray:
            shape = HW if index == 0 else (3 + 5 * index, 40)
            return np.full((*shape, 3), 10 * index, np.uint8)

    mixed = made(Mixed((("dog",), ("cat",), ("car",), ("cup",)), LABELS))
    assert mixed.pixels.shape == (8, 12, 3)
    assert sorted(np.unique(mixed.pixels)) == [0, 10, 20, 30]
    assert all((mixed.pixels == v).sum() == 4 * 6 * 3 for v in (0, 10, 20, 30))
