from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from biprompt.data.clicks import (
    Click,
    edge_click,
    jittered_click,
    next_click,
    random_click,
    training_click,
    uniform_click,
)
from biprompt.data.inscribed import deepest, largest_squares
from biprompt.errors import DataError

BoolMask = npt.NDArray[np.bool_]


def depth(mask: BoolMask) -> npt.NDArray[np.float64]:
    result: npt.NDArray[np.float64] = ndimage.distance_transform_edt(np.pad(mask, 1))
    return result[1:-1, 1:-1]


def reference(
    truth: BoolMask, prediction: BoolMask, ignore: BoolMask, clicked: list[Click]
) -> Click | None:
    """The protocol with two distance transforms of the whole image, as its authors run it."""
    missing = depth(truth & ~prediction & ~ignore)
    surplus = depth(prediction & ~truth & ~ignore)
    for x, y, _ in clicked:
        missing[int(y), int(x)] = surplus[int(y), int(x)] = 0
    label = int(missing.max() > surplus.max())
    chosen = missing if label else surplus
    if chosen.max() == 0:
        return None
    row, column = np.unravel_index(chosen.argmax(), chosen.shape)
    return Click(float(column), float(row), label)


def blob(rng: np.random.Generator, hw: tuple[int, int], scale: float) -> BoolMask:
    field = ndimage.gaussian_filter(rng.normal(size=hw), scale)
    return np.asarray(field > rng.normal() * 0.5 * field.std())


@pytest.mark.parametrize("seed", range(60))
def test_next_click_equals_whole_distance_transforms(seed: int) -> None:
    rng = np.random.default_rng(seed)
    hw = (int(rng.integers(1, 160)), int(rng.integers(1, 200)))
    scale = float(rng.choice([0.3, 2, 8, 25]))
    truth = blob(rng, hw, scale)
    prediction = [np.zeros(hw, bool), blob(rng, hw, scale), ndimage.binary_dilation(truth)][
        seed % 3
    ]
    ignore = blob(rng, hw, scale) & (seed % 2 == 0)
    clicked: list[Click] = []
    for _ in range(4):  # the prediction never changes, so only `clicked` moves the click
        found = next_click(truth, prediction, ignore, clicked=[c[:2] for c in clicked])
        assert found == reference(truth, prediction, ignore, clicked)
        if found is None:
            break
        clicked.append(found)


@pytest.mark.parametrize("radius", [1, 5, 24, 25, 60, 90])
def test_depth_of_a_disk(radius: int) -> None:
    rows, columns = np.mgrid[:200, :220]
    disk = (rows - 95) ** 2 + (columns - 101) ** 2 < radius**2
    squares = largest_squares(disk)
    assert squares is not None
    assert deepest(squares) == (float(radius), 95, 101)


def test_hand_worked() -> None:
    truth = np.zeros((7, 9), bool)
    truth[1:6, 1:6] = True
    nothing = np.zeros_like(truth)
    assert next_click(truth, nothing) == (3.0, 3.0, 1)
    assert next_click(truth, truth) is None
    assert next_click(nothing, truth) == (3.0, 3.0, 0)
    band = np.zeros_like(truth)
    band[1:4, 6:9] = True  # three columns too many, against a missing row
    part = truth.copy()
    part[5] = False
    assert next_click(truth, part | band) == (7.0, 2.0, 0)
    assert next_click(truth, part | band, ignore=band) == (1.0, 5.0, 1)


def test_the_border_of_the_image_is_the_border_of_the_error() -> None:
    assert next_click(np.ones((5, 5), bool), np.zeros((5, 5), bool)) == (2.0, 2.0, 1)


def test_equal_depths_give_the_negative_click() -> None:
    truth, prediction = np.zeros((3, 7), bool), np.zeros((3, 7), bool)
    truth[:, :3] = prediction[:, 4:] = True
    assert next_click(truth, prediction) == (5.0, 1.0, 0)


def test_a_pixel_is_not_clicked_twice() -> None:
    truth, nothing = np.eye(2, dtype=bool), np.zeros((2, 2), bool)
    assert next_click(truth, nothing) == (0.0, 0.0, 1)
    assert next_click(truth, nothing, clicked=[(0.9, 0.9)]) == (1.0, 1.0, 1)
    assert next_click(truth, nothing, clicked=[(0, 0), (1, 1)]) is None


@pytest.mark.parametrize("bad", [np.zeros((3, 4), bool), np.zeros((3, 3), np.uint8)])
def test_masks_must_fit(bad: BoolMask) -> None:
    with pytest.raises(DataError, match=r"prediction: expected bool of shape \(3, 3\)"):
        next_click(np.ones((3, 3), bool), bad)


@pytest.mark.parametrize("seed", range(20))
def test_jittered_clicks_stay_in_the_error_and_repeat(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, prediction = blob(rng, (60, 80), 6), blob(rng, (60, 80), 6)
    ignore = blob(rng, (60, 80), 6)
    click = jittered_click(truth, prediction, np.random.default_rng(seed), ignore)
    again = jittered_click(truth, prediction, np.random.default_rng(seed), ignore)
    assert click is not None and click == again
    row, column = int(click.y), int(click.x)
    assert not ignore[row, column]
    assert truth[row, column] == bool(click.label) != prediction[row, column]


def test_jittered_clicks_scatter_round_the_centre() -> None:
    truth = np.ones((61, 61), bool)
    rng = np.random.default_rng(0)
    clicks = [jittered_click(truth, ~truth, rng) for _ in range(300)]
    offsets = np.array([(c.x - 30, c.y - 30) for c in clicks if c is not None])
    assert abs(offsets.mean()) < 1.5
    assert 8 < offsets.std() < 12
    assert jittered_click(truth, truth, rng) is None


def test_random_clicks_keep_from_the_edge_and_fill_the_interior() -> None:
    mask = np.zeros((40, 50), bool)
    mask[10:31, 20:41] = True  # half side 10: the interior keeps half sides of 5 and more
    rng = np.random.default_rng(0)
    clicks = {random_click(mask, rng)[:2] for _ in range(3000)}
    assert clicks == {(float(x), float(y)) for x in range(25, 36) for y in range(15, 26)}
    with pytest.raises(DataError, match="an empty mask"):
        random_click(np.zeros((3, 3), bool), rng)


def test_random_click_hits_the_only_pixel() -> None:
    mask = np.zeros((3, 3), bool)
    mask[2, 1] = True
    assert random_click(mask, np.random.default_rng(0)) == (1.0, 2.0, 1)


def test_uniform_clicks_reach_every_pixel_alike() -> None:
    mask = np.zeros((6, 7), bool)
    mask[1:4, 2:6] = True
    rng = np.random.default_rng(0)
    clicks = [uniform_click(mask, rng) for _ in range(3600)]
    places, counts = np.unique([click[:2] for click in clicks], axis=0, return_counts=True)
    assert [tuple(place) for place in places] == [(x, y) for x in range(2, 6) for y in range(1, 4)]
    assert counts.min() > 220 and counts.max() < 380  # 300 each, by chance
    assert {click.label for click in clicks} == {1}
    for draw in (uniform_click, edge_click):
        with pytest.raises(DataError, match="an empty mask"):
            draw(np.zeros((3, 3), bool), rng)


def test_edge_clicks_touch_the_outside() -> None:
    mask = np.zeros((8, 9), bool)
    mask[2:7, 3:] = True  # it leaves the image on the right: no edge there
    mask[4, 5] = False  # a hole has an edge too
    rng = np.random.default_rng(0)
    found = {edge_click(mask, rng)[:2] for _ in range(2000)}
    ring = {(x, y) for x in range(3, 9) for y in (2, 6)} | {(3, y) for y in range(2, 7)}
    assert found == ring | {(4, 4), (6, 4), (5, 3), (5, 5)}


@pytest.mark.parametrize("seed", range(20))
def test_edge_clicks_are_those_that_erosion_takes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = blob(rng, (50, 60), float(rng.choice([1, 6]))) | (seed == 0)
    left = ndimage.binary_erosion(mask, border_value=1)
    for _ in range(20):
        x, y, label = edge_click(mask, rng)
        assert label == 1 and mask[int(y), int(x)]
        assert not left[int(y), int(x)] or left.all()


@pytest.mark.parametrize("seed", range(20))
def test_training_clicks_lie_in_an_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, prediction = blob(rng, (60, 80), 6), blob(rng, (60, 80), 6)
    click = training_click(truth, prediction, rng)
    assert click is not None
    row, column = int(click.y), int(click.x)
    assert truth[row, column] == bool(click.label) != prediction[row, column]
    assert training_click(truth, truth, rng) is None
