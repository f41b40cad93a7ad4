from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.data.labels import ClassMasks, LabelMap
from biprompt.data.sources import Nothing
from biprompt.errors import DataError
from biprompt.evaluation.referring.truth import (
    ClassIgnored,
    ClassRegion,
    NoneOf,
    classes_in,
    decoded,
)


@pytest.fixture
def parts(draw: Any) -> ClassMasks:
    """Parts may overlap, and one is out of sight."""
    return ClassMasks(
        ((1, draw.shapes((0, 0, 4, 4))), (4, draw.shapes((2, 2, 6, 6))), (5, Nothing(draw.HW)))
    )


def test_masks_by_class(parts: ClassMasks, draw: Any) -> None:
    assert classes_in(parts) == [1, 4, 5]
    np.testing.assert_array_equal(ClassRegion(parts, 4).decode(), draw.rectangle(2, 2, 6, 6))
    for absent in (0, 5):
        mask = ClassRegion(parts, absent).decode()
        assert mask.shape == draw.HW and not mask.any()


def test_a_label_image_tells_what_is_in_it(disk: Any) -> None:
    path = disk.grey("labels.png", [[1, 7, 7], [255, 1, 1]])
    labels = LabelMap(path, {1: 0, 3: 1, 7: 2, 255: -1})
    assert classes_in(labels) == [0, 2]
    assert ClassRegion(labels, 1).decode().tolist() == [[False] * 3] * 2
    assert ClassIgnored(labels).decode().tolist() == [[False] * 3, [True, False, False]]
    everything = LabelMap(disk.grey("other.png", [[1, 3]]), {1: 0, 3: 1})
    assert not ClassIgnored(everything).decode().any()


def test_a_number_that_is_no_class(disk: Any) -> None:
    labels = LabelMap(disk.grey("labels.png", [[9]]), {1: 0})
    with pytest.raises(DataError, match=r"labels\.png: label"):
        classes_in(labels)


def test_the_empty_mask_of_a_size(draw: Any) -> None:
    mask = NoneOf(draw.shapes((0, 0, 4, 4))).decode()
    assert mask.shape == draw.HW and not mask.any()


def test_questions_that_share_a_mask_decode_it_once(draw: Any) -> None:
    target = draw.shapes((0, 0, 4, 4))
    first = decoded(target)
    assert decoded(target) is first
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = False
    target.decode()[0, 0] = False
    assert decoded(target)[0, 0]
