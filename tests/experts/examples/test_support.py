"""What examples show: hand-worked averages."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.experts.examples import support as module
from biprompt.experts.examples.support import Shown, Support, masked_average, unit

FEATURES = np.array([[[3.0, 0.0, 0.0]], [[0.0, 2.0, 0.0]], [[0.0, 0.0, 5.0]]], np.float32)
"""Three places in a row, each along an axis of its own."""


def shown(*part: float, is_meant: bool = True) -> Shown:
    return Shown(FEATURES, np.array([part], np.float32), is_meant)


def test_places_have_unit_length_and_nothing_stays_nothing() -> None:
    assert shown(1, 0, 0).places.T.tolist() == np.eye(3).tolist()
    assert not unit(np.zeros((3, 2), np.float32)).any()


def test_masked_average_counts_each_place_by_its_marked_part() -> None:
    # 1 of the first axis and 0.5 of the second: (1, .5, 0) over its length
    expected = np.array([1, 0.5, 0]) / np.sqrt(1.25)
    assert masked_average([shown(1, 0.5, 0)]) == pytest.approx(expected)
    outside = np.array([0, 0.5, 1]) / np.sqrt(1.25)
    assert masked_average([shown(1, 0.5, 0)], outside=True) == pytest.approx(outside)


def test_many_examples_are_averaged_together() -> None:
    both = masked_average([shown(1, 0, 0), shown(0, 1, 0)])
    assert both == pytest.approx(np.array([1, 1, 0]) / np.sqrt(2))


def test_mask_is_brought_to_the_places_of_its_image() -> None:
    mask = np.zeros((4, 12), np.bool_)
    mask[:, 2:6] = True  # half of the first place, half of the second
    one = Shown.of(FEATURES, mask, is_meant=True)
    assert one.part == pytest.approx(np.array([[0.5, 0.5, 0.0]]), abs=0.01)


def test_thing_smaller_than_a_place_is_still_marked() -> None:
    assert shown(0.02, 0, 0).marked.tolist() == [True, False, False]
    assert shown(0.9, 0.4, 0).marked.tolist() == [True, False, False]


def test_support_parts_what_is_meant_from_what_is_not() -> None:
    found = Support.of([shown(1, 0, 0)])
    assert found.meant.T.tolist() == [[1, 0, 0]]
    assert found.other.T.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert found.prototype.tolist() == [1, 0, 0]
    assert found.contrasts.shape == (3, 1)


def test_negative_example_counts_by_its_mark_and_not_by_its_surroundings() -> None:
    found = Support.of([shown(1, 0, 0), shown(0, 1, 0, is_meant=False)])
    assert found.contrasts.shape == (3, 2)
    assert found.contrasts[:, 1].tolist() == [0, 1, 0]
    assert found.meant.shape[1] == 1 and found.other.shape[1] == 3  # 2 around, 1 denied


def test_places_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PLACES", 2)
    found = Support.of([shown(1, 0, 0)] * 5)
    assert found.meant.shape[1] <= 2 and found.other.shape[1] <= 2


def test_example_that_marks_its_whole_image() -> None:
    found = Support.of([shown(1, 1, 1)])
    assert found.other.shape == (3, 0) and not found.contrasts.any()
