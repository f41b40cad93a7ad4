from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import InputError, PromptError
from biprompt.guidance import click_seeds, scribble_seeds, stroke_seeds
from biprompt.masks import components
from biprompt.prompts import Scribble


def test_a_click_seeds_the_pixel_that_it_lies_in() -> None:
    seeds = click_seeds([(0.9, 0.0), (4.99, 2.5), (4.1, 2.1)], (3, 5))
    assert np.argwhere(seeds).tolist() == [[0, 0], [2, 4]]
    assert not click_seeds([], (3, 5)).any()


def test_a_stroke_is_one_piece_through_all_its_points() -> None:
    stroke = [(1.5, 1.5), (17.2, 3.9), (17.9, 18.0), (2.0, 9.4)]
    seeds = stroke_seeds([stroke], (20, 20))
    assert components(seeds)[1] == 1
    for x, y in stroke:
        assert seeds[int(y), int(x)]
    # one pixel wide: no more than the steps along the longer axis of each part
    assert seeds.sum() <= 1 + 16 + 15 + 16


def test_a_straight_stroke_has_every_pixel_once() -> None:
    seeds = stroke_seeds([[(2, 4.5), (7, 4.5)]], (9, 9))
    assert np.argwhere(seeds).tolist() == [[4, column] for column in range(2, 8)]


def test_the_pen_has_a_radius() -> None:
    thin = stroke_seeds([[(4.5, 4.5)]], (9, 9))
    assert thin.sum() == 1
    assert stroke_seeds([[(4.5, 4.5)]], (9, 9), radius=1).sum() == 5
    assert stroke_seeds([[(4.5, 4.5)]], (9, 9), radius=2).sum() == 13


def test_adding_and_removing_scribbles_are_apart() -> None:
    given = [Scribble([(1, 1), (3, 1)], 1), Scribble([(1, 3)], 0), Scribble([(0, 0)], 1)]
    adding, removing = scribble_seeds(given, (5, 5))
    assert adding.sum() == 4 and np.argwhere(removing).tolist() == [[3, 1]]
    assert not any(seeds.any() for seeds in scribble_seeds([], (5, 5)))


@pytest.mark.parametrize("xy", [[(5, 0)], [(0, 3)], [(-0.1, 0)], [(np.nan, 0)]])
def test_what_lies_outside_is_told(xy: list[tuple[float, float]]) -> None:
    with pytest.raises(PromptError, match="expected"):
        click_seeds(xy, (3, 5))
    with pytest.raises(PromptError, match="expected"):
        stroke_seeds([xy], (3, 5))


def test_shapes_and_radii_that_are_none_are_told() -> None:
    with pytest.raises(InputError, match=r"clicks: expected shape \(N, 2\)"):
        click_seeds([(1, 2, 3)], (3, 5))
    with pytest.raises(InputError, match="stroke"):
        stroke_seeds([[]], (3, 5))
    with pytest.raises(InputError, match="radius"):
        stroke_seeds([], (3, 5), radius=-1)
    with pytest.raises(InputError, match="size"):
        click_seeds([], (0, 5))
