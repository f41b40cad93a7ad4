"""Masks, against pycocotools, brute force and small masks drawn by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from biprompt.errors import DataError, InputError
from biprompt.masks import (
    MAX_MASK_PIXELS,
    area,
    bbox_xywh,
    bbox_xyxy,
    component_at,
    components,
    dice_matrix,
    fill_polygon,
    iou_matrix,
    rle_area,
    rle_decode,
    rle_encode,
)
from biprompt.masks.rle import _filled_by_rows

coco = pytest.importorskip("pycocotools.mask")

Mask = NDArray[np.bool_]
SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))
MASKS = hnp.arrays(np.bool_, SHAPES)


def drawn(*rows: str) -> Mask:
    return np.array([[char == "#" for char in row] for row in rows])


def blobs(seed: int, h: int, w: int) -> Mask:
    """A few rectangles, rings and specks: runs of all lengths."""
    rng = np.random.default_rng(seed)
    mask = rng.random((h, w)) < 0.01
    for _ in range(4):
        y, x = rng.integers(0, h), rng.integers(0, w)
        mask[y : y + h // 3, x : x + w // 3] ^= True
    return mask


def oracle(mask: Mask) -> dict[str, Any]:
    rle: dict[str, Any] = coco.encode(np.asfortranarray(mask, np.uint8))
    return {"size": list(rle["size"]), "counts": rle["counts"].decode("ascii")}


def plain_runs(mask: Mask) -> list[int]:
    """The definition of uncompressed COCO counts, one pixel at a time."""
    runs, value = [0], False
    for pixel in mask.T.ravel().tolist():
        if pixel != value:
            runs, value = [*runs, 0], pixel
        runs[-1] += 1
    return runs


EDGES = [
    np.zeros((1, 1), bool),
    np.ones((1, 1), bool),
    np.zeros((5, 7), bool),
    np.ones((5, 7), bool),
    np.ones((1, 9), bool),
    drawn("#.#.##..#"),
    drawn(".#.#.##..#").T,
    np.indices((6, 5)).sum(0) % 2 == 0,
    np.indices((6, 5)).sum(0) % 2 == 1,
]


# --- run lengths --------------------------------------------------------------------------------


@settings(deadline=None)
@given(MASKS)
def test_rle_is_what_pycocotools_writes(mask: Mask) -> None:
    assert rle_encode(mask) == oracle(mask)


@settings(deadline=None)
@given(MASKS)
def test_rle_round_trip(mask: Mask) -> None:
    back = rle_decode(rle_encode(mask))
    assert back.dtype == np.bool_ and back.flags.c_contiguous
    assert np.array_equal(back, mask)


@pytest.mark.parametrize("mask", EDGES, ids=lambda m: f"{m.shape}-{int(m.sum())}")
def test_rle_edges(mask: Mask) -> None:
    rle = rle_encode(mask)
    assert rle == oracle(mask)
    assert np.array_equal(rle_decode(rle), mask)


@pytest.mark.parametrize("seed", range(8))
def test_rle_of_large_masks_with_long_runs(seed: int) -> None:
    mask = blobs(seed, 700, 1100)
    rle = rle_encode(mask)
    assert rle == oracle(mask)
    assert np.array_equal(rle_decode(rle), mask)
    assert np.array_equal(coco.decode({**rle, "counts": rle["counts"].encode()}), mask)


@pytest.mark.parametrize("hw", [(1200, 1000), (1000, 1200), (2**20, 1), (1, 2**20), (90_000, 12)])
def test_rle_of_masks_that_are_filled_row_by_row(hw: tuple[int, int]) -> None:
    rows, columns = np.ogrid[: hw[0], : hw[1]]
    for mask in (
        (rows * 3 // hw[0] + columns * 3 // hw[1]) % 2 == 0,
        (columns % 9 > 3) & (rows > -1),
        np.zeros(hw, bool),
        np.ones(hw, bool),
    ):
        rle = rle_encode(mask)
        assert rle == oracle(mask)
        assert np.array_equal(rle_decode(rle), mask)


@given(MASKS, st.data())
def test_both_ways_of_decoding_agree(mask: Mask, data: st.DataObject) -> None:
    runs = plain_runs(mask)
    # A run of no pixels may stand anywhere.
    place = data.draw(st.integers(0, len(runs) - 1))
    half = data.draw(st.integers(0, runs[place]))
    runs[place : place + 1] = [half, 0, runs[place] - half]
    rle = {"size": list(mask.shape), "counts": runs}
    assert np.array_equal(rle_decode(rle), mask)
    assert rle_area(rle) == mask.sum()
    assert np.array_equal(_filled_by_rows(np.cumsum(runs)[:-1], *mask.shape), mask)


def test_rle_of_one_very_long_run() -> None:
    mask = np.zeros((5000, 4000), bool)
    mask[-1, -1] = True
    assert rle_encode(mask) == oracle(mask)


@settings(deadline=None)
@given(MASKS)
def test_rle_decodes_uncompressed_counts(mask: Mask) -> None:
    size = list(mask.shape)
    assert np.array_equal(rle_decode({"size": size, "counts": plain_runs(mask)}), mask)


def test_rle_decodes_bytes_and_survives_json() -> None:
    mask = EDGES[5]
    rle = rle_encode(mask)
    assert np.array_equal(rle_decode({**rle, "counts": rle["counts"].encode()}), mask)
    assert np.array_equal(rle_decode(json.loads(json.dumps(rle))), mask)


def test_rle_encodes_integers_and_any_memory_order() -> None:
    mask = blobs(3, 30, 40)
    expected = rle_encode(mask)
    assert rle_encode(mask.astype(np.uint8) * 255) == expected
    assert rle_encode(np.asfortranarray(mask)) == expected
    assert rle_encode(np.repeat(mask, 2, axis=1)[:, ::2]) == expected


@pytest.mark.parametrize("bad", [np.zeros(4, bool), np.zeros((0, 4), bool), np.zeros((2, 2))])
def test_rle_encode_refuses_what_is_no_mask(bad: Any) -> None:
    with pytest.raises(InputError, match="mask: expected"):
        rle_encode(bad)


GOOD = rle_encode(np.ones((2, 3), bool))


@pytest.mark.parametrize(
    "rle",
    [
        None,
        [],
        {},
        {"counts": GOOD["counts"]},
        {"size": [2, 3]},
        {**GOOD, "size": [2, 4]},
        {**GOOD, "size": [2]},
        {**GOOD, "size": [0, 3]},
        {**GOOD, "size": [-2, -3]},
        {**GOOD, "size": [2.0, 3.0]},
        {**GOOD, "size": "23"},
        {**GOOD, "size": [2**20, 2**20]},
        {**GOOD, "counts": ""},
        {**GOOD, "counts": "0"},
        {**GOOD, "counts": "06P"},
        {**GOOD, "counts": "0\x00"},
        {**GOOD, "counts": "0é"},
        {**GOOD, "counts": b"0\xff"},
        {**GOOD, "counts": "0" + "o" * 30 + "0"},
        {**GOOD, "counts": [0, 7, -1]},
        {**GOOD, "counts": [0, 5]},
        {**GOOD, "counts": [0.0, 6.0]},
        {**GOOD, "counts": [[0, 6], [1]]},
        {**GOOD, "counts": []},
        {**GOOD, "counts": {"0": 6}},
    ],
)
def test_rle_decode_refuses_damage(rle: Any) -> None:
    with pytest.raises(DataError, match="RLE"):
        rle_decode(rle)


def test_rle_decode_refuses_a_bomb_before_it_makes_the_mask() -> None:
    with pytest.raises(DataError, match=str(MAX_MASK_PIXELS)):
        rle_decode({"size": [10**9, 10**9], "counts": [10**18]})


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=30))
def test_rle_decode_of_any_text_gives_a_mask_or_an_error(counts: str) -> None:
    try:
        mask = rle_decode({"size": [4, 5], "counts": counts})
    except DataError as error:
        assert str(error).isprintable()
    else:
        assert mask.shape == (4, 5)


# --- overlap ------------------------------------------------------------------------------------


def brute(a: Mask, b: Mask, dice: bool) -> float:
    both, either = int((a & b).sum()), int((a | b).sum())
    total = int(a.sum()) + int(b.sum())
    if either == 0:
        return 1.0
    return 2 * both / total if dice else both / either


@settings(deadline=None)
@given(st.data(), SHAPES, st.integers(0, 4), st.integers(0, 4))
def test_matrices_against_brute_force(
    data: st.DataObject, hw: tuple[int, int], m: int, n: int
) -> None:
    a = data.draw(hnp.arrays(np.bool_, (m, *hw)))
    b = data.draw(hnp.arrays(np.bool_, (n, *hw)))
    iou, dice = iou_matrix(a, b), dice_matrix(a, b)
    assert iou.shape == dice.shape == (m, n)
    assert iou.dtype == dice.dtype == np.float64
    for i in range(m):
        for j in range(n):
            assert iou[i, j] == brute(a[i], b[j], dice=False)
            assert dice[i, j] == brute(a[i], b[j], dice=True)


@pytest.mark.parametrize("hw", [(1, 1), (1, 64), (8, 8), (5, 13), (61, 77)])
def test_iou_against_pycocotools(hw: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((3, *hw)) < 0.5, rng.random((4, *hw)) < 0.3
    a[:, 0, 0] = True
    encoded = [[coco.encode(np.asfortranarray(m, np.uint8)) for m in stack] for stack in (a, b)]
    expected = coco.iou(*encoded, [False] * len(b))
    np.testing.assert_allclose(iou_matrix(a, b), expected, rtol=1e-12)


def test_two_empty_masks_are_equal_and_an_empty_one_meets_nothing() -> None:
    empty, full = np.zeros((1, 3, 4), bool), np.ones((1, 3, 4), bool)
    for matrix in (iou_matrix, dice_matrix):
        assert matrix(empty, empty).tolist() == [[1.0]]
        assert matrix(empty, full).tolist() == [[0.0]]
        assert matrix(full, full).tolist() == [[1.0]]
        assert matrix(empty[:0], full).shape == (0, 1)
        assert matrix(full, empty[:0]).shape == (1, 0)


def test_counts_are_exact_above_what_float32_holds() -> None:
    a = np.ones((1, 4097, 4097), bool)
    b = a.copy()
    b[0, 0, 0] = False
    pixels = 4097 * 4097
    assert iou_matrix(a, b)[0, 0] == (pixels - 1) / pixels


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.zeros((1, 3, 4), bool), np.zeros((1, 4, 3), bool)),
        (np.zeros((3, 4), bool), np.zeros((1, 3, 4), bool)),
        (np.zeros((1, 3, 4)), np.zeros((1, 3, 4), bool)),
    ],
)
def test_matrices_refuse_other_shapes(a: Any, b: Any) -> None:
    for matrix in (iou_matrix, dice_matrix):
        with pytest.raises(InputError, match="masks: expected"):
            matrix(a, b)


# --- areas, boxes, components -------------------------------------------------------------------


@settings(deadline=None)
@given(MASKS)
def test_area_and_box_against_pycocotools(mask: Mask) -> None:
    rle = coco.encode(np.asfortranarray(mask, np.uint8))
    assert area(mask) == int(coco.area(rle))
    if mask.any():
        assert bbox_xywh(mask) == coco.toBbox(rle).tolist()


def test_boxes_drawn_by_hand() -> None:
    mask = drawn(".....", "..##.", "...#.", ".....")
    assert bbox_xyxy(mask) == [2, 1, 4, 3]
    assert bbox_xywh(mask) == [2, 1, 2, 2]
    assert bbox_xyxy(np.ones((3, 5), bool)) == [0, 0, 5, 3]
    assert bbox_xywh(np.zeros((3, 5), bool)) == bbox_xyxy(np.zeros((3, 5), bool)) == [0, 0, 0, 0]
    assert all(type(side) is int for side in bbox_xywh(mask))


TWO = drawn(
    "##....",
    "..#...",
    ".....#",
    "....##",
)


def test_components_touch_over_corners() -> None:
    labels, count = components(TWO)
    assert count == 2
    assert labels.dtype == np.int32
    assert labels[0, 0] == labels[1, 2] != labels[3, 5]
    assert np.array_equal(labels > 0, TWO)
    assert components(np.zeros((2, 2), bool))[1] == 0


@pytest.mark.parametrize(
    ("points", "rows"),
    [
        ([(0, 0)], slice(0, 2)),
        ([(2.9, 1.9)], slice(0, 2)),
        ([(5, 3)], slice(2, 4)),
        ([(0, 0), (5, 3)], slice(0, 4)),
        ([(0, 0), (3, 0)], slice(0, 2)),
        ([(3, 0)], slice(0, 0)),
        (np.empty((0, 2)), slice(0, 0)),
    ],
)
def test_component_at_takes_what_lies_under_the_points(points: Any, rows: slice) -> None:
    expected = np.zeros_like(TWO)
    expected[rows] = TWO[rows]
    found = component_at(TWO, points)
    assert found.dtype == np.bool_
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("points", [[(6, 0)], [(0, -1)], [(np.nan, 0)], [1, 2], [(1, 2, 3)]])
def test_component_at_refuses_points_outside(points: Any) -> None:
    with pytest.raises(InputError, match="points: expected"):
        component_at(TWO, points)


# --- polygons -----------------------------------------------------------------------------------


def even_odd(xy: NDArray[np.float64], hw: tuple[int, int]) -> Mask:
    """Count for each pixel centre the edges crossed on the way to the left, one at a time."""
    mask = np.zeros(hw, bool)
    for row in range(hw[0]):
        for column in range(hw[1]):
            y, inside = row + 0.5, False
            for (x0, y0), (x1, y1) in zip(xy, np.roll(xy, -1, axis=0), strict=True):
                if (y0 <= y) != (y1 <= y):
                    inside ^= x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= column + 0.5
            mask[row, column] = inside
    return mask


CORNER = st.tuples(st.floats(-6, 18, width=32), st.floats(-6, 18, width=32))


@settings(deadline=None)
@given(st.lists(CORNER, min_size=3, max_size=8), st.tuples(st.integers(1, 12), st.integers(1, 12)))
def test_polygon_against_the_even_odd_rule(
    corners: list[tuple[float, float]], hw: tuple[int, int]
) -> None:
    expected = even_odd(np.array(corners), hw)
    assert np.array_equal(fill_polygon(corners, hw), expected)


@settings(deadline=None)
@given(
    st.tuples(st.integers(0, 20), st.integers(1, 20)),
    st.tuples(st.integers(0, 9), st.integers(1, 9)),
)
def test_polygon_of_whole_pixels_is_that_rectangle(x: tuple[int, int], y: tuple[int, int]) -> None:
    (x0, w), (y0, h) = x, y
    corners = [(x0, y0), (x0 + w, y0), (x0 + w, y0 + h), (x0, y0 + h)]
    mask = fill_polygon(corners, (18, 40))
    assert area(mask) == w * h
    assert bbox_xywh(mask) == [x0, y0, w, h]
    assert np.array_equal(fill_polygon(corners[::-1], (18, 40)), mask)


def test_polygon_may_be_concave_and_leave_the_image() -> None:
    arrow = [(-3, 0), (3, 3), (-3, 6), (0, 3)]
    assert fill_polygon(arrow, (6, 4)).tolist() == even_odd(np.array(arrow, float), (6, 4)).tolist()
    around = [(-9, -9), (99, -9), (99, 99), (-9, 99)]
    assert fill_polygon(around, (3, 4)).all()
    assert not fill_polygon([(50, 50), (60, 50), (55, 60)], (3, 4)).any()


def test_polygon_agrees_with_pycocotools_on_a_large_outline() -> None:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 100 + 30 * np.sin(5 * angle)
    xy = np.stack([200 + radius * np.cos(angle), 150 + radius * np.sin(angle)], axis=1)
    other = coco.decode(coco.frPyObjects([xy.ravel().tolist()], 300, 400))[..., 0].astype(bool)
    mine = fill_polygon(xy, (300, 400))
    assert iou_matrix(mine[None], other[None])[0, 0] > 0.98
    x, y = xy.T
    exact = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    assert abs(area(mine) - exact) < 0.002 * exact


@pytest.mark.parametrize(
    ("xy", "hw"),
    [
        ([(0, 0), (1, 1)], (4, 4)),
        ([(0, 0, 0)] * 3, (4, 4)),
        ([(0, 0), (1, np.nan), (2, 2)], (4, 4)),
        ([(0, 0), (1, 1e300), (2, 2)], (4, 4)),
        ([(0, 0), (3, 0), (3, 3)], (0, 4)),
    ],
)
def test_polygon_refuses_what_is_none(xy: Any, hw: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="expected"):
        fill_polygon(xy, hw)
