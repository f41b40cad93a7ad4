"""From prompts to the decoder's input, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.errors import PromptError
from biprompt.experts.spatial import (
    MAX_STROKE_POINTS,
    SCRIBBLE_POINTS,
    Pointed,
    covered,
    resample,
    spatial_batch,
)
from biprompt.geometry import ModelFrame
from biprompt.prompts import MaskPrompt, Prompt

FRAME = ModelFrame((100, 200), (64, 128))
"""0.64 model pixels in each original one; 16 x 32 cells."""


def pointed(frame: ModelFrame = FRAME, **values: object) -> Pointed:
    prompt = Prompt.build(**values)  # type: ignore[arg-type]
    prompt.check_frame(frame.original_hw)
    return Pointed.of(prompt, frame)


def test_click_means_the_middle_of_its_pixel() -> None:
    for xy in ((10, 20), (10.99, 20.01)):
        np.testing.assert_allclose(pointed(points=[xy]).xy, [[10.5 * 0.64, 20.5 * 0.64]])


@pytest.mark.parametrize("hw", [(1, 1), (1, 5000), (5000, 1), (100, 200)])
def test_click_at_every_corner_stays_inside(hw: tuple[int, int]) -> None:
    frame = ModelFrame(hw, (64, 128))
    x, y = np.nextafter(hw[1], 0), np.nextafter(hw[0], 0)
    found = pointed(frame, points=[(0, 0), (x, 0), (0, y), (x, y)]).xy
    assert (found > 0).all() and (found < (128, 64)).all()


def test_labels_are_kept() -> None:
    found = pointed(points=[(1, 1), (2, 2)], labels=[1, 0])
    assert found.labels.tolist() == [1, 0] and not found.is_single


@pytest.mark.parametrize(
    ("values", "single"),
    [
        ({"points": [(1, 1)]}, True),
        ({"points": [(1, 1)], "text": "cat"}, True),
        ({"points": [(1, 1), (2, 2)]}, False),
        ({"points": [(1, 1)], "box": (0, 0, 9, 9)}, False),
        ({"points": [(1, 1)], "scribbles": [[(1, 1)]]}, False),
        ({"points": [(1, 1)], "labels": [0], "box": (0, 0, 9, 9)}, False),
        ({"scribbles": [[(1, 1)]]}, False),
        ({"box": (0, 0, 9, 9)}, False),
    ],
)
def test_only_one_adding_click_is_ambiguous(values: dict[str, object], single: bool) -> None:
    assert pointed(**values).is_single is single


def test_scribble_of_one_point_is_a_point() -> None:
    found = pointed(scribbles=[[(10, 20)]])
    np.testing.assert_allclose(found.xy, [[10.5 * 0.64, 20.5 * 0.64]])
    assert found.labels.tolist() == [1]


def test_scribble_that_stays_in_place_is_a_point() -> None:
    assert len(pointed(scribbles=[[(10, 20)] * 50]).xy) == 1


def test_stroke_becomes_points_at_equal_distances() -> None:
    found = resample(np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 18.0]]))  # 48 long: 16 apart
    np.testing.assert_allclose(found, [[0, 0], [16, 0], [30, 2], [30, 18]])


def test_points_of_a_stroke_that_repeat_do_not_count_twice() -> None:
    once = resample(np.array([[0.0, 0.0], [40.0, 0.0]]))
    again = resample(np.array([[0.0, 0.0]] * 5 + [[40.0, 0.0]] * 3))
    np.testing.assert_allclose(once, again)


@pytest.mark.parametrize("count", [1, 41, 42, 500, 1000])
def test_all_strokes_together_stay_bounded(count: int) -> None:
    stroke = [(0, 0), (199, 0), (0, 99), (199, 99)]
    found = pointed(scribbles=[(stroke, 1)] * count)
    assert count <= len(found.xy) <= min(SCRIBBLE_POINTS * count, MAX_STROKE_POINTS)
    assert len(found.labels) == len(found.xy)


def test_too_many_strokes_are_refused() -> None:
    with pytest.raises(PromptError, match="scribbles: expected at most 1000 strokes, got 1001"):
        pointed(scribbles=[[(1, 1)]] * 1001)


def test_box_is_scaled() -> None:
    found = pointed(box=(50, 25, 150, 75))
    np.testing.assert_allclose(found.box, [32, 16, 96, 48])
    np.testing.assert_allclose(pointed(box=(0, 0, 200, 100)).box, [0, 0, 128, 64])


@pytest.mark.parametrize("corner", [(0, 0), (199, 0), (0, 99), (199, 99), (77, 33)])
def test_box_of_one_pixel_is_seen_and_stays_inside(corner: tuple[int, int]) -> None:
    x, y = corner
    box = pointed(box=(x, y, x + 1, y + 1)).box
    assert box is not None
    np.testing.assert_allclose(box[2:] - box[:2], 4)  # one cell
    assert (box >= 0).all() and (box <= (128, 64, 128, 64)).all()
    assert (box[:2] <= (x * 0.64, y * 0.64)).all()
    assert (box[2:] >= ((x + 1) * 0.64, (y + 1) * 0.64)).all()


def test_mask_is_the_covered_part_of_each_cell() -> None:
    mask = np.zeros((8, 8), bool)
    mask[:4, :2] = True  # half of the first of 2 x 2 cells
    mask[7, 7] = True
    np.testing.assert_allclose(covered(mask, (2, 2)), [[0.5, 0], [0, 1 / 16]], atol=1 / 255)


def test_mask_of_one_pixel_in_a_large_image_still_shows() -> None:
    mask = np.zeros((4000, 4000), bool)
    mask[3999, 17] = True
    cells = covered(mask, (16, 32))
    assert np.argwhere(cells).tolist() == [[15, 0]]


def test_mask_of_one_pixel_covers_an_image_of_one_pixel() -> None:
    assert (covered(np.ones((1, 1), bool), (16, 16)) == 1).all()


def test_soft_mask_of_an_earlier_answer_is_taken_as_it_is() -> None:
    mask, soft = np.ones((100, 200), bool), np.full((16, 32), 0.3, np.float32)
    cells = pointed(mask=MaskPrompt(mask, soft)).cells
    assert cells is not None and np.allclose(cells, 0.3)


def test_soft_mask_of_another_size_gives_way_to_the_mask() -> None:
    mask, soft = np.ones((100, 200), bool), np.full((8, 8), 0.3, np.float32)
    cells = pointed(mask=MaskPrompt(mask, soft)).cells
    assert cells is not None and cells.shape == (16, 32) and (cells == 1).all()


def test_mask_and_polygon_join() -> None:
    mask = np.zeros((100, 200), bool)
    mask[:, :100] = True
    cells = pointed(mask=mask, polygon=[(100, 0), (200, 0), (200, 100), (100, 100)]).cells
    assert cells is not None and (cells == 1).all()


def test_polygon_thinner_than_a_pixel_is_one_clear_error() -> None:
    with pytest.raises(PromptError, match="polygon: expected an outline that holds the middle"):
        pointed(polygon=[(10, 10.6), (90, 10.6), (90, 10.9)])


def test_batch_pads_with_points_that_do_not_count() -> None:
    first = pointed(points=[(1, 1), (2, 2)], labels=[1, 0])
    second = pointed(box=(50, 25, 150, 75))
    batch = spatial_batch([first, None, second], (16, 32))
    assert batch.labels.tolist() == [[1, 0], [-1, -1], [-1, -1]]
    assert batch.has_box.tolist() == [0, 0, 1] and batch.has_mask.tolist() == [0, 0, 0]
    assert batch.box[2].tolist() == [32, 16, 96, 48]
    assert len(batch) == 3 and batch.mask.shape == (3, 1, 16, 32)


def test_batch_of_words_alone_has_one_padded_point() -> None:
    batch = spatial_batch([None], (16, 32))
    assert batch.xy.shape == (1, 1, 2) and batch.labels.tolist() == [[-1]]


def test_mask_on_a_padded_canvas_covers_the_cells_where_the_image_is() -> None:
    frame = ModelFrame((50, 100), (64, 128), (128, 128))
    mask = np.zeros((50, 100), bool)
    mask[:, :50] = True
    cells = Pointed.of(Prompt.build(mask=mask), frame).cells
    assert cells is not None and cells.shape == (32, 32)
    assert (cells[:16, :16] == 1).all() and not cells[16:].any() and not cells[:, 16:].any()


def test_a_model_of_few_points_gets_all_clicks_and_fewer_of_a_stroke() -> None:
    stroke = [(0, 0), (199, 0), (199, 99)]
    asked = pointed(points=[(5, 5), (9, 9)], labels=[1, 0], scribbles=[stroke])
    assert asked.within(None) is asked and len(asked.xy) > 6
    few = asked.within(6)
    np.testing.assert_array_equal(few.xy[:2], asked.xy[:2])
    np.testing.assert_array_equal(few.xy[[2, -1]], asked.xy[[2, -1]])
    assert len(few.xy) == 6 and few.labels.tolist() == [1, 0, 1, 1, 1, 1]


def test_a_box_takes_two_points_and_clicks_are_never_dropped() -> None:
    asked = pointed(points=[(x, 5) for x in range(5)], box=(0, 0, 50, 50))
    assert asked.within(7) is asked
    with pytest.raises(PromptError, match=r"points: expected at most 4 .* got 5"):
        asked.within(6)
