"""Templates, denoising, sharpness and composing, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from biprompt.errors import InputError
from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.masks.overlaps import owners
from biprompt.segmenter.classes.composing import Composition, in_original
from biprompt.segmenter.classes.denoising import is_there, threshold_for
from biprompt.segmenter.classes.instances import instances_of
from biprompt.segmenter.classes.rules import ClassRules
from biprompt.segmenter.classes.sharpness import least_sharp, sharpness
from biprompt.segmenter.classes.synonyms import joined
from biprompt.segmenter.classes.templates import ensembled


def test_an_ensemble_is_the_mean_and_synonyms_the_greatest() -> None:
    maps = [np.array([[0.2, 0.8]], np.float32), np.array([[0.6, 0.0]], np.float32)]
    np.testing.assert_allclose(ensembled(maps), [[0.4, 0.4]])
    np.testing.assert_allclose(joined(maps), [[0.6, 0.8]])


def test_sharpness_by_hand() -> None:
    # Shares of the two images: (3/4, 1/4) and (1/2, 1/2). Variances 1/16 and 0, means 1/2 each.
    scores = [[math.log(3), 0.0], [5.0, 5.0]]
    assert sharpness(scores) == pytest.approx((1 / 16) / 1.0)
    assert sharpness([[2.0, 2.0, 2.0]]) == pytest.approx(0.0)
    one = sharpness([[1000.0, 0.0, 0.0]])  # no overflow: all of it on one class
    assert one == pytest.approx(((2 / 3) ** 2 + 2 * (1 / 3) ** 2) / 3 / (1 / 3))


def test_the_template_that_lets_more_classes_live_is_chosen() -> None:
    found = least_sharp({"sharp": [[9.0, 0.0]], "even": [[1.0, 0.8]], "same": [[1.0, 0.8]]})
    assert found == "even"


@pytest.mark.parametrize("scores", [[], [[]], [1.0], [[math.nan]]])
def test_scores_that_cannot_be(scores: list[object]) -> None:
    with pytest.raises(InputError, match="scores"):
        sharpness(scores)


def test_denoising_goes_by_presence_or_else_by_the_surest_pixel() -> None:
    assert is_there(0.6, 0.1, 0.6) and not is_there(0.59, 1.0, 0.6)
    assert is_there(None, 0.6, 0.6) and not is_there(None, 0.59, 0.6)
    assert is_there(0.0, 0.0, 0.0)


def test_of_a_longer_list_each_class_has_to_be_surer() -> None:
    assert [threshold_for(n) for n in (1, 20, 80)] == [0.5, 0.5, 0.8]
    assert ClassRules().threshold(80) == 0.8 and ClassRules(denoise=0.1).threshold(80) == 0.1


@pytest.mark.parametrize("seed", range(5))
def test_outlines_compose_as_all_masks_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    masks, scores = rng.random((7, 9, 11)) < 0.4, (1 + rng.integers(4, size=7)) / 4
    found = Composition((9, 11), 0)
    for place, (mask, score) in enumerate(zip(masks, scores, strict=True)):
        found.add(place + 1, mask.astype(np.float32), float(score))
    np.testing.assert_array_equal(found.labels, owners(masks, scores))


def test_maps_compete_for_a_pixel() -> None:
    found = Composition((1, 4), 9, least=0.5, weight=0.5)
    found.add(1, np.array([[0.9, 0.7, 0.5, 0.0]], np.float32), 0.25)  # claims .45, .35, -, -
    found.add(2, np.array([[0.6, 0.6, 0.4, 0.2]], np.float32), 0.36)  # claims .36, .36, -, -
    assert found.labels.tolist() == [[1, 2, 9, 9]]
    assert found.score(1) == (1, pytest.approx(0.45)) and found.score(2) == (1, pytest.approx(0.36))
    assert found.score(3) == (0, None)


def test_without_a_least_value_every_pixel_gets_a_class() -> None:
    found = Composition((1, 2), 0, least=0.0, weight=0.0)
    found.add(1, np.array([[0.1, 0.2]], np.float32), 0.9)
    found.add(2, np.array([[0.2, 0.1]], np.float32), 0.1)
    assert found.labels.tolist() == [[2, 1]]


@pytest.mark.parametrize("padded", [None, (64, 64)])
def test_maps_lie_where_masks_do(padded: tuple[int, int] | None) -> None:
    frame = ModelFrame((30, 50), (36, 60), padded)
    cells = (frame.canvas_hw[0] // 4, frame.canvas_hw[1] // 4)
    logits = np.random.default_rng(0).normal(size=cells).astype(np.float32)
    np.testing.assert_array_equal(in_original(logits, frame) > 0, masks_in_frame(logits, frame))


def test_parts_are_instances_and_crumbs_join_the_nearest() -> None:
    labels = np.zeros((40, 100), np.int32)  # below 2 pixels a part is a crumb
    labels[5:15, 5:15] = labels[5:15, 60:70] = labels[30, 62] = 1
    labels[20:30, 20:30] = 2
    found = instances_of(labels, [1])
    assert found[10, 10] == 1 and found[10, 65] == 2 and found[30, 62] == 2
    assert not found[labels != 1].any() and found.max() == 2
    both = instances_of(labels, [1, 2])
    assert both[25, 25] == 3
    alone = np.where(labels == 1, labels, 0) * 0
    alone[0, 0] = alone[39, 99] = 1  # nothing larger: each is one
    assert sorted(np.unique(instances_of(alone, [1])).tolist()) == [0, 1, 2]
