"""The embedded model on a photograph: few clicks, no claim of accuracy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import biprompt
from biprompt.masks import iou_matrix
from biprompt.segmenter.automatic import Automatic

PHOTO = Path(__file__).parents[3] / "examples" / "coffee.jpg"


@pytest.fixture(scope="module")
def model() -> biprompt.Segmenter:
    return biprompt.load(threads=1)


def test_masks_of_a_photograph_differ_and_lie_under_their_clicks(model):
    objects = model.automatic(PHOTO, settings=Automatic(grid=4), classes=["cup", "spoon"])
    assert len(objects) > 3 and objects.hw == (400, 600)
    assert {each.label for each in objects} <= {"cup", "spoon", None}
    masks = np.stack([each.mask for each in objects])
    ious = iou_matrix(masks, masks)[~np.eye(len(masks), dtype=bool)]
    assert ious.max() < 0.75  # told apart on the model's cells, to 0.7
    under = [each.mask[int(each.point[1]), int(each.point[0])] for each in objects]
    assert np.mean(under) > 0.8
    assert min(each.score for each in objects) >= 0.4


def test_a_click_read_three_ways(model):
    scene = model.embed(PHOTO)
    answers = {
        name: model.segment(scene, points=[(300, 150)], policy=biprompt.Policy(granularity=name))
        for name in ("part", "object", "whole")
    }
    sizes = [int(answers[name].mask.sum()) for name in ("part", "object", "whole")]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]
    stepped = answers["part"]
    while (larger := stepped.step()) is not stepped:
        assert larger.mask.sum() > stepped.mask.sum()
        stepped = larger
    np.testing.assert_array_equal(stepped.mask, answers["whole"].mask)
