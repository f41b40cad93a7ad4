from __future__ import annotations

import numpy as np
import pytest

from biprompt.data.clicks import next_click
from biprompt.evaluation.biprompt.points import POINTS, place_point

THING = np.zeros((40, 50), bool)
THING[5:30, 10:40] = True
BAND = np.zeros_like(THING)
BAND[:, :16] = True


@pytest.mark.parametrize("source", POINTS)
def test_points_lie_on_the_thing_and_hang_on_seed_and_key_alone(source: str) -> None:
    keys = [f"1#{number}" for number in range(30)]
    points = {key: place_point(source, THING, BAND, seed=3, key=key) for key in keys}
    for key in reversed(keys):
        point = points[key]
        assert point is not None and point.label == 1
        assert THING[int(point.y), int(point.x)] and not BAND[int(point.y), int(point.x)]
        assert place_point(source, THING, BAND, seed=3, key=key) == point
    others = [place_point(source, THING, BAND, seed=4, key=key) for key in keys]
    is_drawn = source != "centre"
    assert (len(set(points.values())) > 5) is is_drawn
    assert (others != list(points.values())) is is_drawn


def test_the_sources_are_what_they_say() -> None:
    nothing = np.zeros_like(THING)
    centre = place_point("centre", THING, BAND, seed=0, key="")
    assert centre == next_click(THING, nothing, BAND)
    inner = THING & ~BAND
    depth = {}
    for source in POINTS:
        found = [place_point(source, THING, BAND, seed=0, key=str(key)) for key in range(200)]
        rows, columns = np.array([(p.y, p.x) for p in found if p], int).T
        sides = [rows - 5, 29 - rows, columns - 16, 39 - columns]
        depth[source] = float(np.min(sides, axis=0).mean())
    assert depth["edge"] == 0 < depth["random"] < depth["jittered"] < depth["centre"] == 11
    assert inner.sum() == 25 * 24


@pytest.mark.parametrize("source", POINTS)
def test_nothing_to_click(source: str) -> None:
    assert place_point(source, np.zeros((4, 4), bool), None, seed=0, key="") is None
    assert place_point(source, THING, np.ones_like(THING), seed=0, key="") is None
