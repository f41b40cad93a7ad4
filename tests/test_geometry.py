"""The model frame and the resizing of mask logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biprompt.errors import InputError
from biprompt.geometry import (
    ModelFrame,
    fit_longest,
    masks_from_logits,
    masks_in_frame,
    resize_mask_logits,
)

SIZES = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
NUMBERS = st.floats(-1e4, 1e4)


def test_corners_map_to_corners() -> None:
    frame = ModelFrame((480, 640), (384, 512))
    assert frame.scale_xy == (0.8, 0.8)
    assert frame.scale_points([(0, 0), (640, 480), (100, 50)]).tolist() == [
        [0, 0],
        [512, 384],
        [80, 40],
    ]
    assert frame.scale_boxes((0, 0, 640, 480)).tolist() == [0, 0, 512, 384]
    assert frame.unscale_boxes([[0, 0, 512, 384]]).tolist() == [[0, 0, 640, 480]]


def test_each_axis_has_its_own_scale() -> None:
    frame = ModelFrame((100, 200), (50, 400))
    assert frame.scale_points((10, 10)).tolist() == [20, 5]
    assert frame.scale_boxes((1, 2, 3, 4)).tolist() == [2, 1, 6, 2]


@settings(deadline=None)
@given(SIZES, SIZES, st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), max_size=5))
def test_there_and_back(
    original: tuple[int, int], model: tuple[int, int], boxes: list[tuple[float, ...]]
) -> None:
    frame = ModelFrame(original, model)
    xyxy = np.array(boxes).reshape(-1, 4)
    back = frame.unscale_boxes(frame.scale_boxes(xyxy))
    np.testing.assert_allclose(back, xyxy, rtol=1e-12, atol=1e-300)
    points = xyxy.reshape(-1, 2, 2)
    np.testing.assert_allclose(
        frame.unscale_points(frame.scale_points(points)), points, rtol=1e-12, atol=1e-300
    )
    np.testing.assert_array_equal(
        frame.scale_points(points).reshape(-1, 4), frame.scale_boxes(xyxy)
    )


@settings(deadline=None)
@given(SIZES, SIZES, st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_a_point_in_the_image_is_in_the_model_frame(
    original: tuple[int, int], model: tuple[int, int], x: float, y: float
) -> None:
    h, w = original
    at = ModelFrame(original, model).scale_points((np.floor(x * w), np.floor(y * h)))
    assert (at >= 0).all() and at[0] < model[1] and at[1] < model[0]


@pytest.mark.parametrize("sizes", [((0, 5), (4, 4)), ((5, 5), (4, 0)), ((5,), (4, 4))])
def test_frames_without_pixels_are_refused(sizes: Any) -> None:
    with pytest.raises(InputError, match="size: expected"):
        ModelFrame(*sizes)


def test_coordinates_of_another_shape_are_refused() -> None:
    frame = ModelFrame((4, 4), (4, 4))
    for call in (frame.scale_points, frame.unscale_points):
        with pytest.raises(InputError, match="points: expected"):
            call([1, 2, 3])
    for call in (frame.scale_boxes, frame.unscale_boxes):
        with pytest.raises(InputError, match="boxes: expected"):
            call(5)


@pytest.mark.parametrize(
    ("hw", "long_side", "multiple", "expected"),
    [
        ((480, 640), 512, 16, (384, 512)),
        ((640, 480), 512, 16, (512, 384)),
        ((427, 640), 512, 16, (336, 512)),
        ((480, 640), 1024, 1, (768, 1024)),
        ((10, 10), 512, 16, (512, 512)),
        ((1, 10_000), 512, 16, (16, 512)),
        ((1, 1), 1, 1, (1, 1)),
        ((100, 100), 500, 16, (496, 496)),
    ],
)
def test_fit_longest(
    hw: tuple[int, int], long_side: int, multiple: int, expected: tuple[int, int]
) -> None:
    assert fit_longest(hw, long_side, multiple) == expected


@settings(deadline=None)
@given(SIZES, st.integers(1, 64), st.integers(1, 64))
def test_fit_longest_keeps_the_aspect(hw: tuple[int, int], blocks: int, multiple: int) -> None:
    long_side = blocks * multiple
    fitted = fit_longest(hw, long_side, multiple)
    assert max(fitted) == long_side
    for side, full in zip(fitted, hw, strict=True):
        wanted = full * long_side / max(hw)
        assert side % multiple == 0 and side >= multiple
        assert side == multiple or abs(side - wanted) <= multiple / 2 + 1e-6


@pytest.mark.parametrize("args", [((0, 5), 512, 16), ((5, 5), 0, 16), ((5, 5), 512, 0)])
def test_fit_longest_refuses_sizes_below_one(args: Any) -> None:
    with pytest.raises(InputError, match="at least 1"):
        fit_longest(*args)


# --- resizing -----------------------------------------------------------------------------------

RESIZES = [
    ((96, 128), (480, 640)),
    ((128, 85), (1023, 683)),
    ((64, 64), (64, 64)),
    ((480, 640), (96, 128)),
    ((33, 7), (12, 50)),
    ((1, 1), (5, 3)),
    ((1, 9), (4, 1)),
    ((3, 2), (1, 1)),
]


@pytest.mark.parametrize(("source", "hw"), RESIZES)
def test_resize_is_what_torch_computes(source: tuple[int, int], hw: tuple[int, int]) -> None:
    torch = pytest.importorskip("torch")
    logits = np.random.default_rng(0).standard_normal((2, 3, *source)).astype(np.float32)
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(logits), hw, mode="bilinear", align_corners=False
    )
    result = resize_mask_logits(logits, hw)
    assert result.dtype == np.float32 and result.shape == (2, 3, *hw)
    np.testing.assert_allclose(result, expected.numpy(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("lead", [(), (1,), (0,), (2, 3)])
def test_resize_keeps_leading_axes(lead: tuple[int, ...]) -> None:
    assert resize_mask_logits(np.zeros((*lead, 4, 5)), (8, 9)).shape == (*lead, 8, 9)


def test_resize_to_the_same_size_is_a_copy() -> None:
    logits = np.arange(12, dtype=np.float32).reshape(3, 4)
    result = resize_mask_logits(logits, (3, 4))
    assert np.array_equal(result, logits)
    result[:] = 0
    assert logits[2, 3] == 11


def test_resize_by_hand() -> None:
    assert resize_mask_logits([[0.0, 4.0]], (1, 4)).tolist() == [[0, 1, 3, 4]]
    assert resize_mask_logits([[0.0], [4.0]], (4, 2)).tolist() == [[0, 0], [1, 1], [3, 3], [4, 4]]


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(0, 2**32 - 1),
)
def test_resize_invents_no_values(source: tuple[int, int], hw: tuple[int, int], seed: int) -> None:
    logits = np.random.default_rng(seed).uniform(-20, 20, source).astype(np.float32)
    result = resize_mask_logits(logits, hw)
    assert result.min() >= logits.min() - 1e-5 and result.max() <= logits.max() + 1e-5
    flipped = resize_mask_logits(logits[::-1, ::-1], hw)[::-1, ::-1]
    np.testing.assert_allclose(flipped, result, atol=2e-4)
    np.testing.assert_allclose(resize_mask_logits(logits.T, hw[::-1]).T, result, atol=1e-4)


@pytest.mark.parametrize(
    ("logits", "hw"),
    [(np.zeros(5), (4, 4)), (np.zeros((0, 5)), (4, 4)), (np.zeros((4, 4)), (0, 4))],
)
def test_resize_refuses_empty_maps(logits: Any, hw: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="expected"):
        resize_mask_logits(logits, hw)


@pytest.mark.parametrize(("source", "hw"), [*RESIZES, ((24, 32), (1500, 2000))])
def test_masks_are_the_resized_maps_above_zero(
    source: tuple[int, int], hw: tuple[int, int]
) -> None:
    logits = np.random.default_rng(0).standard_normal((2, 3, *source)).astype(np.float32)
    logits[..., source[0] // 2 :, :] = -1  # bands with nothing in them
    masks = masks_from_logits(logits, hw)
    assert masks.dtype == np.bool_
    assert np.array_equal(masks, resize_mask_logits(logits, hw) > 0)


@pytest.mark.parametrize("lead", [(), (1,), (0,), (2, 3)])
def test_masks_keep_leading_axes(lead: tuple[int, ...]) -> None:
    masks = masks_from_logits(np.full((*lead, 4, 5), 2.0), (8, 9))
    assert masks.shape == (*lead, 8, 9) and masks.all()


def test_masks_refuse_empty_maps() -> None:
    with pytest.raises(InputError, match="expected"):
        masks_from_logits(np.zeros((0, 5)), (4, 4))


@pytest.mark.parametrize(
    "original, model", [((90, 120), (96, 128)), ((110, 70), (128, 81)), ((300, 451), (85, 128))]
)
def test_padded_frame_is_resized_cut_and_resized_as_torch_does(
    original: tuple[int, int], model: tuple[int, int]
) -> None:
    torch = pytest.importorskip("torch", reason="torch is the oracle of this test")
    logits = np.random.default_rng(0).normal(size=(3, 32, 32)).astype(np.float32)
    resize = torch.nn.functional.interpolate
    wide = resize(torch.from_numpy(logits)[None], (128, 128), mode="bilinear")
    cut = wide[..., : model[0], : model[1]]
    wanted = resize(cut, original, mode="bilinear")[0].numpy()
    found = masks_in_frame(logits, ModelFrame(original, model, (128, 128)))
    assert found.shape == (3, *original)
    unclear = np.abs(wanted) < 1e-5
    assert unclear.mean() < 1e-3 and np.array_equal(found | unclear, (wanted > 0) | unclear)


def test_canvas_is_the_model_size_unless_it_is_padded() -> None:
    plain, padded = ModelFrame((4, 8), (8, 16)), ModelFrame((4, 8), (8, 16), (16, 16))
    assert plain.canvas_hw == (8, 16) and not plain.is_padded
    assert padded.canvas_hw == (16, 16) and padded.is_padded
    assert not ModelFrame((4, 8), (8, 8), (8, 8)).is_padded
    with pytest.raises(InputError, match="padded size"):
        ModelFrame((4, 8), (8, 16), (8, 8))
