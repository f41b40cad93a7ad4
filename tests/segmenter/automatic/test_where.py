"""Where is clicked, and where is looked closer."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.masks.window import Window
from biprompt.segmenter.automatic.grid import point_grid
from biprompt.segmenter.automatic.settings import Automatic
from biprompt.segmenter.automatic.windows import LEAST_SIDE, is_cut, looks


def test_points_are_the_middles_of_equal_fields():
    xy = point_grid(2, Window(10, 100, 50, 140))
    assert xy.tolist() == [[20.0, 110.0], [40.0, 110.0], [20.0, 130.0], [40.0, 130.0]]


def test_a_narrow_window_has_a_point_a_pixel_and_no_more():
    xy = point_grid(16, Window(0, 0, 3, 32))
    assert np.unique(xy[:, 0]).tolist() == [0.5, 1.5, 2.5]
    assert len(xy) == 3 * 16
    assert len(np.unique(np.floor(xy), axis=0)) == len(xy)


def test_every_point_lies_in_its_window():
    window = Window(7, 3, 20, 50)
    xy = point_grid(5, window)
    assert (xy >= (7, 3)).all() and (xy < (20, 50)).all()


def test_no_layers_is_the_whole_image():
    (look,) = looks((300, 400), Automatic(grid=8))
    assert look.window == Window(0, 0, 400, 300) and look.layer == 0 and look.grid == 8


def test_layers_have_four_and_sixteen_windows_with_as_many_clicks_in_all():
    found = looks((300, 400), Automatic(grid=8, layers=2))
    assert [look.layer for look in found] == [0] + [1] * 4 + [2] * 16
    for layer in (0, 1, 2):
        some = [look for look in found if look.layer == layer]
        assert sum(look.grid**2 for look in some) == 64
        seen = np.zeros((300, 400), int)
        for look in some:
            assert look.window.hw == some[0].window.hw
            seen[look.window.rows, look.window.columns] += 1
        assert seen.min() >= 1  # every pixel is in a window


def test_windows_of_the_first_layer_overlap_as_asked():
    hw, share = (300, 400), 0.2
    found = looks(hw, Automatic(layers=1, window_overlap=share))[1:]
    left, right = found[0].window, found[1].window
    upper, lower = found[0].window, found[2].window
    assert left.x1 - right.x0 == pytest.approx(share * 300, abs=2)
    assert upper.y1 - lower.y0 == pytest.approx(share * 300, abs=2)
    assert found[3].window.x1 == 400 and found[3].window.y1 == 300


def test_nothing_is_looked_at_that_is_too_small_to_show_more():
    found = looks((LEAST_SIDE, 4000), Automatic(layers=3, window_overlap=0.0))
    assert [look.layer for look in found] == [0]


def test_what_an_inner_edge_cuts_is_cut():
    mask = np.zeros((4, 6), bool)
    mask[1:3, 0:2] = True  # touches the left edge
    hw = (40, 60)
    assert not is_cut(mask, Window(0, 0, 30, 20), hw)  # which is the image's
    assert is_cut(mask, Window(10, 0, 40, 20), hw)
    assert not is_cut(np.roll(mask, 2, axis=1), Window(10, 5, 40, 25), hw)
    assert is_cut(mask[:, ::-1], Window(0, 0, 30, 20), hw)
    assert not is_cut(mask[:, ::-1], Window(30, 0, 60, 20), hw)
    assert is_cut(mask.T, Window(0, 10, 20, 40), hw)  # upper edge
    assert is_cut(mask.T[::-1], Window(0, 0, 20, 30), hw)  # lower edge


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"grid": 0}, "grid: expected a whole number from 1 to 128, got 0"),
        ({"grid": 129}, "grid: expected"),
        ({"grid": 2.0}, "grid: expected"),
        ({"grid": True}, "grid: expected"),
        ({"layers": -1}, "layers: expected a whole number from 0 to 4"),
        ({"most": 0}, "most: expected a whole number from 1"),
        ({"smallest": -1}, "smallest: expected"),
        ({"predicted_iou": 1.5}, "predicted_iou: expected a number from 0 to 1"),
        ({"stability": float("nan")}, "stability: expected"),
        ({"stability_offset": 0}, "stability_offset: expected a number above 0"),
        ({"overlap": 0}, "overlap: expected a number above 0 to 1"),
        ({"largest": 0.0}, "largest: expected"),
        ({"window_overlap": 1}, "window_overlap: expected a number from 0 to below 1"),
        ({"granularity": "half"}, "granularity: expected"),
    ],
)
def test_settings_out_of_range(given, said):
    from biprompt.errors import InputError

    with pytest.raises(InputError, match=said):
        Automatic(**given)
