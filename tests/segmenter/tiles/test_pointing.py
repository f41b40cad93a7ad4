"""Pointing in a large image: the window grows with the thing; prompts keep their place."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.io.raster import open_raster
from biprompt.masks import Window
from biprompt.prompts import Prompt
from biprompt.segmenter.tiles import asking
from biprompt.segmenter.tiles.grid import Tiling
from biprompt.segmenter.tiles.pointing import around, point_at
from biprompt.segmenter.tiles.shifting import reach, shifted

TILING = Tiling(64, 8)


def pointed(model, image, **asked):
    return point_at(model, open_raster(image), Prompt.build(**asked), model.policy, TILING)


def test_a_small_thing_needs_one_look_at_one_tile(model, runtime, painted, only_corners_differ):
    image, mask = painted((400, 300), (120, 200, 140, 220))
    found = pointed(model, image, points=[(132, 212)])
    assert runtime.looked == [(64, 64)]
    assert found.looks == 1
    assert only_corners_differ(found.mask.read(), mask, 1)


def test_the_window_grows_until_the_thing_fits(model, runtime, painted):
    image, mask = painted((400, 400), (100, 100, 260, 260))
    found = pointed(model, image, points=[(180, 180)])
    assert runtime.looked == [(64, 64), (128, 128), (256, 256)]
    both = found.mask.read()
    assert (both & mask).sum() / (both | mask).sum() > 0.95
    assert found.seen.window == Window(52, 52, 308, 308)


def test_the_whole_image_ends_the_growth(model, runtime, painted):
    image, _ = painted((150, 100), (0, 0, 100, 150))
    found = pointed(model, image, points=[(50, 50)])
    assert found.seen.window == Window(0, 0, 100, 150)
    assert found.mask.read().all()


def test_large_windows_are_shown_shrunk(model, runtime, painted, monkeypatch):
    monkeypatch.setattr(asking, "SEEN_SIDE", 64)
    image, mask = painted((400, 400), (100, 100, 260, 260))
    found = pointed(model, image, points=[(180, 180)])
    assert runtime.looked == [(64, 64)] * 3
    both = found.mask.read()
    assert (both & mask).sum() / (both | mask).sum() > 0.9


def test_a_large_box_is_seen_at_once(model, runtime, painted):
    image, _ = painted((400, 400), (100, 100, 200, 200))
    pointed(model, image, box=(100, 100, 200, 200))
    assert runtime.looked == [(150, 150)]


@pytest.mark.parametrize(
    ("aim", "window"),
    [((10, 10, 11, 11), (0, 0, 64, 64)), ((100, 90, 110, 110), (73, 68, 137, 132)),
     ((199, 149, 200, 150), (136, 86, 200, 150))],
)  # fmt: skip
def test_windows_stay_in_the_image(aim, window):
    assert around(Window(*aim), 64, (150, 200)) == window


def test_everything_drawn_is_in_reach():
    mask = np.zeros((50, 60), np.bool_)
    mask[40:44, 2:9] = True
    prompt = Prompt.build(
        points=[(5.5, 6)], box=(20, 10, 30, 12), scribbles=[[(1, 30), (2, 31)]],
        polygon=[(50, 10), (59, 10), (50, 12)], mask=mask, text="cat",
    )  # fmt: skip
    assert reach(prompt) == Window(1, 6, 59, 44)
    assert reach(Prompt.build(points=[(7.5, 3)])) == Window(7, 3, 8, 4)


def test_prompts_keep_their_place():
    mask = np.zeros((50, 60), np.bool_)
    mask[20:24, 30:38] = True
    prompt = Prompt.build(
        points=[(31.5, 21)], labels=[1], box=(30, 20, 38, 24), mask=mask, text="cat",
        scribbles=[([(32, 22), (33, 23)], 0)], polygon=[(30, 20), (38, 20), (34, 24)],
    )  # fmt: skip
    inner = shifted(prompt, Window(20, 10, 60, 50), (40, 40))
    assert inner.points.xy.tolist() == [[11.5, 11]]
    assert inner.box.xyxy.tolist() == [10, 10, 18, 14]
    assert inner.scribbles[0].xy.tolist() == [[12, 12], [13, 13]]
    assert inner.scribbles[0].label == 0
    assert inner.polygon.xy.tolist() == [[10, 10], [18, 10], [14, 14]]
    assert np.array_equal(inner.mask.mask, mask[10:50, 20:60])
    assert inner.text == prompt.text
    half = shifted(prompt, Window(20, 10, 60, 50), (20, 20))
    assert half.points.xy.tolist() == [[5.75, 5.5]]
    assert half.box.xyxy.tolist() == [5, 5, 9, 7]
    assert half.mask.mask[5:7, 5:9].all() and half.mask.mask.sum() == 8


def test_what_is_too_small_to_show_still_shows():
    mask = np.zeros((64, 64), np.bool_)
    mask[63, 63] = True
    prompt = Prompt.build(box=(63, 63, 64, 64), mask=mask, points=[(63.9, 63.9), (62, 62)],
                          labels=[1, 0])  # fmt: skip
    small = shifted(prompt, Window(0, 0, 64, 64), (16, 16))
    small.check_frame((16, 16))
    assert small.box.xyxy.tolist() == [15, 15, 16, 16]
    assert small.mask.mask[15, 15] and small.mask.mask.sum() == 1
    assert small.points.labels.tolist() == [1]  # both fell into one pixel: the click stays
