"""What the decoder sees of a prompt, on cases worked by hand."""

from __future__ import annotations

import math

import pytest
import torch

from biprompt.models.compact import guides


def floats(*values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32)


def test_centres_lie_in_the_middle_of_cells() -> None:
    assert guides.centres(3, 4, torch.device("cpu")).tolist() == [2, 6, 10]


def test_box_map_is_inside_minus_outside_with_a_soft_edge() -> None:
    # 4 x 6 cells of 4 pixels; the box is columns 1 to 3 and rows 1 to 2, edges between cells.
    (found,) = guides.box_map(floats([4, 4, 16, 12]), (4, 6), 4)
    inside = torch.full((4, 6), -1.0)
    inside[1:3, 1:4] = 1.0
    assert torch.equal(found[0], inside)


def test_box_edge_through_a_cell_s_middle_is_zero() -> None:
    (found,) = guides.box_map(floats([2, 0, 24, 16]), (4, 6), 4)
    assert found[0, 1, 0] == 0 and (found[0, 1, 1:5] == 1).all()
    # A quarter of a cell past the edge: half of the way.
    (found,) = guides.box_map(floats([1, 0, 24, 16]), (4, 6), 4)
    assert found[0, 1, 0] == pytest.approx(0.5)


def test_box_of_the_whole_image_is_one_everywhere() -> None:
    assert (guides.box_map(floats([0, 0, 24, 16]), (4, 6), 4) == 1).all()


def test_box_of_one_cell() -> None:
    (found,) = guides.box_map(floats([8, 4, 12, 8]), (4, 6), 4)
    assert (found > 0).nonzero().tolist() == [[0, 1, 2]]


def test_click_maps_peak_at_their_clicks() -> None:
    xy, labels = floats([[10, 6], [18, 14], [2, 2]]), floats([1, 0, -1])
    (found,) = guides.click_maps(xy, labels, (4, 6), 4)
    assert found.shape == (4, 4, 6)
    for maps, (row, column) in ((found[:2], (1, 2)), (found[2:], (3, 4))):
        for one in maps:
            assert divmod(int(one.argmax()), 6) == (row, column)
            assert one.max() == pytest.approx(1.0)
    narrow, wide = math.exp(-0.5 * (4 / 5) ** 2), math.exp(-0.5 * (4 / 32) ** 2)
    assert found[0, 1, 3] == pytest.approx(narrow) and found[1, 1, 3] == pytest.approx(wide)
    assert found[2, 0, 0] < 1e-2  # padding at (2, 2) draws nothing


def test_click_maps_take_the_nearest_of_several() -> None:
    xy, labels = floats([[2, 2], [22, 14]]), floats([1, 1])
    (both,) = guides.click_maps(xy, labels, (4, 6), 4)
    each = [guides.click_maps(xy[:, i : i + 1], labels[:, i : i + 1], (4, 6), 4) for i in (0, 1)]
    assert torch.equal(both[:2], torch.maximum(each[0][0, :2], each[1][0, :2]))
    assert (both[2:] == 0).all()


def test_no_click_draws_nothing() -> None:
    assert (guides.click_maps(floats([[8, 8]]), floats([-1]), (4, 6), 4) == 0).all()


def test_pool_at_is_the_feature_under_a_click_when_it_is_narrow() -> None:
    features = torch.arange(24.0).reshape(1, 1, 4, 6)
    found = guides.pool_at(features, floats([[10, 6], [22, 14]]), 4, 0.5)
    assert found.shape == (1, 2, 1)
    torch.testing.assert_close(found[0, :, 0], floats(8, 23), rtol=1e-4, atol=0)


def test_pool_inside_is_the_mean_under_the_mask() -> None:
    features = torch.arange(24.0).reshape(1, 1, 4, 6)
    mask = torch.zeros(1, 1, 4, 6)
    mask[0, 0, 0, 0], mask[0, 0, 3, 5] = 1.0, 3.0
    found = guides.pool_inside(features, mask)
    torch.testing.assert_close(found, floats([(0 + 3 * 23) / 4]), rtol=1e-3, atol=0)
    assert (guides.pool_inside(features, torch.zeros_like(mask)) == 0).all()


def test_similarity_is_the_cosine_of_each_head() -> None:
    key = torch.zeros(1, 4, 1, 2)  # 2 heads of 2 channels, 2 places
    key[0, :, 0, 0] = floats(1, 0, 0, 1)
    key[0, :, 0, 1] = floats(0, 1, 0.6, 0.8)
    found = guides.similarity(floats([[3, 0, 0, 5], [0, 2, -7, 0]]), key, 2)
    assert found.shape == (1, 2, 2, 1, 2)
    wanted = floats([[[1, 0]], [[1, 0.8]]], [[[0, 1]], [[0, -0.6]]])
    torch.testing.assert_close(found[0], wanted, rtol=0, atol=1e-4)


def test_nearest_similarity_counts_chosen_points_only() -> None:
    maps = floats([[[[0.2, -0.5]]], [[[0.1, 0.9]]]])[0].reshape(1, 2, 1, 1, 2)
    chosen = torch.tensor([[True, False]])
    assert guides.nearest_similarity(maps, chosen).flatten().tolist() == pytest.approx([0.2, -0.5])
    both = torch.tensor([[True, True]])
    assert guides.nearest_similarity(maps, both).flatten().tolist() == pytest.approx([0.2, 0.9])
    assert (guides.nearest_similarity(maps, ~both) == -1).all()
