"""Outlines of masks: exact, valid, simplified within the stated distance. Oracle: shapely."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import ndimage

from biprompt.errors import InputError
from biprompt.masks import (
    Part,
    components,
    fill_polygon,
    fill_polygons,
    mask_polygons,
    one_ring,
    rings_without_holes,
)
from biprompt.masks import _trace as tracing
from biprompt.masks.simplify import simplify_ring

shapely = pytest.importorskip("shapely")

Mask = NDArray[np.bool_]
MASKS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 14)))
TOLERANCES = st.floats(0, 5)


def drawn(*rows: str) -> Mask:
    return np.array([[char == "#" for char in row] for row in rows])


def multi(parts: tuple[Part, ...]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(part.outer, part.holes) for part in parts])


def boundary(parts: tuple[Part, ...]) -> shapely.Geometry:
    rings = [shapely.LinearRing(ring) for part in parts for ring in part.rings]
    return shapely.MultiLineString(rings)


# --- by hand -----------------------------------------------------------------------------------


def test_one_pixel() -> None:
    (part,) = mask_polygons(drawn("...", "..#"))
    assert part.outer.tolist() == [[2, 1], [3, 1], [3, 2], [2, 2]]
    assert part.outer.dtype == np.int32 and part.holes == ()


def test_a_full_image_of_one_pixel() -> None:
    (part,) = mask_polygons(drawn("#"))
    assert part.outer.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize("hw", [(1, 1), (3, 5)])
def test_an_empty_mask_has_no_part(hw: tuple[int, int]) -> None:
    empty = np.zeros(hw, bool)
    assert mask_polygons(empty) == rings_without_holes(empty) == ()
    assert one_ring(empty) is None
    assert not fill_polygons((), hw).any()


def test_a_hole_and_a_part_in_it() -> None:
    mask = drawn("#####", "#...#", "#.#.#", "#...#", "#####", ".....", "##...")
    frame, island, below = mask_polygons(mask)
    assert frame.outer.tolist() == [[0, 0], [5, 0], [5, 5], [0, 5]]
    (hole,) = frame.holes
    assert sorted(hole.tolist()) == [[1, 1], [1, 4], [4, 1], [4, 4]]
    assert island.outer.tolist() == [[2, 2], [3, 2], [3, 3], [2, 3]]
    assert below.outer.tolist() == [[0, 6], [2, 6], [2, 7], [0, 7]]
    assert island.holes == below.holes == ()


def test_pixels_that_touch_over_a_corner_are_two_parts() -> None:
    mask = drawn("#.", ".#")
    assert len(mask_polygons(mask)) == 2
    assert components(mask)[1] == 1


def test_a_part_may_close_over_a_corner_around_a_hole() -> None:
    (part,) = mask_polygons(drawn("###", "#.#", "##."))
    (hole,) = part.holes
    assert len(hole) == 4 and [2, 2] in hole.tolist() and [2, 2] in part.outer.tolist()


def test_a_hole_belongs_to_the_pixels_around_it() -> None:
    rows = "######### #.......# #.###.#.# #.#.#...# #.###...# #.......# #########"
    found = mask_polygons(drawn(*rows.split()))
    assert [len(part.holes) for part in found] == [1, 1, 0]


# --- properties --------------------------------------------------------------------------------


@given(MASKS)
def test_filling_the_outline_gives_the_mask_again(mask: Mask) -> None:
    parts = mask_polygons(mask)
    assert np.array_equal(fill_polygons(parts, mask.shape), mask)
    assert len(parts) == ndimage.label(mask)[1]


@given(MASKS)
def test_shapely_agrees(mask: Mask) -> None:
    shape = multi(mask_polygons(mask))
    assert shape.is_valid, shapely.is_valid_reason(shape)
    assert all(part.is_valid for part in shape.geoms)
    assert shape.area == mask.sum()
    rows, columns = np.indices(mask.shape)
    assert np.array_equal(shapely.contains_xy(shape, columns + 0.5, rows + 0.5), mask)


@given(MASKS)
def test_rings_are_simple_alternate_and_turn_the_right_way(mask: Mask) -> None:
    for part in mask_polygons(mask):
        assert shapely.LinearRing(part.outer).is_ccw  # y counts down: clockwise on a screen
        assert not any(shapely.LinearRing(hole).is_ccw for hole in part.holes)
        for ring in part.rings:
            assert len(np.unique(ring, axis=0)) == len(ring)
            steps = np.diff(ring, axis=0, append=ring[:1]) != 0
            assert np.all(steps.sum(axis=1) == 1)
            assert np.all(steps[:, 0] != np.roll(steps[:, 0], 1))


@given(MASKS)
def test_joined_rings_fill_the_same(mask: Mask) -> None:
    ring = one_ring(mask)
    filled = np.zeros_like(mask) if ring is None else fill_polygon(ring, mask.shape)
    assert np.array_equal(filled, mask)
    parts = mask_polygons(mask)
    for part, joined in zip(parts, rings_without_holes(mask), strict=True):
        inside = fill_polygons([part], mask.shape)
        assert np.array_equal(fill_polygon(joined, mask.shape), inside)


@given(MASKS)
def test_joined_rings_wind_once_around_what_they_enclose(mask: Mask) -> None:
    """Not only the even-odd rule: the area with its sign is that of the mask."""
    ring = one_ring(mask)
    if ring is not None:
        x, y = ring.T.astype(float)
        assert (x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2 == mask.sum()


@given(MASKS, TOLERANCES)
def test_simplified_outlines_stay_within_the_tolerance(mask: Mask, tolerance: float) -> None:
    exact, simple = mask_polygons(mask), mask_polygons(mask, tolerance)
    assert [len(part.holes) for part in exact] == [len(part.holes) for part in simple]
    for before, after in zip(exact, simple, strict=True):
        for ring, simpler in zip(before.rings, after.rings, strict=True):
            assert len(simpler) >= 3
            one, other = shapely.LinearRing(ring), shapely.LinearRing(simpler)
            assert one.is_ccw == other.is_ccw
            dense = shapely.segmentize(other, 0.05)
            far = shapely.distance(one, shapely.points(shapely.get_coordinates(dense)))
            assert far.max() <= tolerance + 1e-9
            assert shapely.distance(other, shapely.points(ring)).max() <= tolerance + 1e-9


@given(MASKS, TOLERANCES)
def test_only_pixels_near_the_outline_change(mask: Mask, tolerance: float) -> None:
    near = 0.0
    for simple in (
        fill_polygons(mask_polygons(mask, tolerance), mask.shape),
        fill_polygon(one_ring(mask, tolerance), mask.shape) if mask.any() else mask,
    ):
        rows, columns = np.nonzero(simple != mask)
        if rows.size:
            centres = shapely.points(columns + 0.5, rows + 0.5)
            near = shapely.distance(boundary(mask_polygons(mask)), centres).max()
        assert near <= tolerance + 1e-9


@given(MASKS, st.floats(0, 0.49))
def test_below_half_a_pixel_the_mask_stays(mask: Mask, tolerance: float) -> None:
    assert np.array_equal(fill_polygons(mask_polygons(mask, tolerance), mask.shape), mask)
    if mask.any():
        assert np.array_equal(fill_polygon(one_ring(mask, tolerance), mask.shape), mask)


@given(MASKS, TOLERANCES)
def test_cuts_stay_level_when_simplified(mask: Mask, tolerance: float) -> None:
    for part, ring in zip(mask_polygons(mask), rings_without_holes(mask, tolerance), strict=True):
        edges = {(tuple(a), tuple(b)) for a, b in zip(ring, np.roll(ring, -1, 0), strict=True)}
        both = {edge for edge in edges if edge[::-1] in edges}
        assert all(a[1] == b[1] for a, b in both)
        assert len(both) >= 2 * bool(part.holes)


# --- simplification ----------------------------------------------------------------------------


def test_a_slope_becomes_a_line() -> None:
    mask = np.tril(np.ones((50, 50), bool))
    (exact,), (simple,) = mask_polygons(mask), mask_polygons(mask, 1.0)
    assert len(exact.outer) == 102 and len(simple.outer) <= 5


def test_corners_that_must_stay_do() -> None:
    square = np.array([[0, 0], [4, 0], [8, 0], [8, 8], [0, 8]], np.int32)
    assert simplify_ring(square, 1.0).tolist() == [[0, 0], [8, 0], [8, 8], [0, 8]]
    keep = np.array([False, True, False, False, False])
    assert [4, 0] in simplify_ring(square, 1.0, keep).tolist()
    assert simplify_ring(square, 0.0) is square


def test_a_ring_that_would_vanish_stays() -> None:
    (part,) = mask_polygons(drawn("#"), 100.0)
    assert len(part.outer) == 4


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf")])
def test_a_wrong_tolerance(tolerance: float) -> None:
    for make in (mask_polygons, one_ring, rings_without_holes):
        with pytest.raises(InputError, match="tolerance: expected 0 or more pixels"):
            make(drawn("#"), tolerance)


# --- size --------------------------------------------------------------------------------------


def test_too_many_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MAX_CORNERS", 7)
    with pytest.raises(InputError, match="expected at most 7 corners"):
        mask_polygons(drawn("#.", ".#"))


def test_overlapping_parts_are_united() -> None:
    square = np.array([[0, 0], [3, 0], [3, 3], [0, 3]], np.int32)
    assert fill_polygons([Part(square), Part(square)], (4, 4)).sum() == 9


def test_an_outline_that_crosses_too_many_rows() -> None:
    zigzag = np.array([[0, 0], [1, 2**20]] * 40)
    with pytest.raises(InputError, match="rows of pixels"):
        fill_polygon(zigzag, (2**20, 1))


def ring_of_pixels(hw: tuple[int, int]) -> Mask:
    rows, columns = np.ogrid[: hw[0], : hw[1]]
    away = (rows - hw[0] / 2) ** 2 + (columns - hw[1] / 2) ** 2
    return (away < (0.45 * hw[0]) ** 2) & (away > (0.1 * hw[0]) ** 2)


def test_a_large_mask_converts_quickly() -> None:
    mask = ring_of_pixels((3000, 4000))
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        parts = mask_polygons(mask)
        seconds.append(time.perf_counter() - started)
    assert sum(len(ring) for part in parts for ring in part.rings) > 5_000
    assert min(seconds) < 0.5
    assert np.array_equal(fill_polygons(parts, mask.shape), mask)
