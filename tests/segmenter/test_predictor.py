"""SamPredictor's calls: shapes, ranges, and a mask that goes back in."""

from __future__ import annotations

import numpy as np
import pytest
from tests.segmenter.tiles.red import RedRuntime, red_model

from biprompt.errors import InputError, PromptError
from biprompt.segmenter.predictor import LOW_SIDE, SamPredictor

HW = (48, 64)


@pytest.fixture
def predictor():
    image = np.full((*HW, 3), 90, np.uint8)
    image[::2] = 100
    image[16:32, 8:40] = (200, 0, 0)
    made = SamPredictor(red_model(RedRuntime()))
    made.set_image(image)
    return made


def test_all_readings_of_a_click(predictor):
    masks, scores, low = predictor.predict(np.array([[20, 20]]), np.array([1]))
    assert masks.shape == (3, *HW) and masks.dtype == np.bool_
    assert scores.shape == (3,) and scores.dtype == np.float32
    assert low.shape == (3, LOW_SIDE, LOW_SIDE) and low.dtype == np.float32
    assert masks[0, 24, 20] and not masks[0, 2, 2]
    assert scores.tolist() == pytest.approx([0.6, 0.7, 0.8])


def test_the_best_one_alone(predictor):
    masks, scores, low = predictor.predict(
        point_coords=[[20, 20]], point_labels=[1], multimask_output=False
    )
    plain = predictor.model.segment(predictor._scene, points=[[20, 20]])
    assert np.array_equal(masks, plain.mask[None])
    assert (len(scores), len(low)) == (1, 1)


def test_logits_are_above_zero_inside(predictor):
    ask = {"point_coords": [[20, 20]], "point_labels": [1]}
    masks, *_ = predictor.predict(**ask)
    logits, *_ = predictor.predict(**ask, return_logits=True)
    assert logits.dtype == np.float32
    assert np.array_equal(logits > predictor.mask_threshold, masks)


def test_a_low_resolution_mask_goes_back_in(predictor):
    _, scores, low = predictor.predict(point_coords=[[20, 20]], point_labels=[1])
    best = int(scores.argmax())
    # The longer side fills it, the rest below is padding.
    assert low[best, 24 * 4, 20 * 4] > 0 and (low[best, 48 * 4 :] < 0).all()
    masks, *_ = predictor.predict(
        point_coords=[[20, 20]],
        point_labels=[1],
        mask_input=low[best][None],
        multimask_output=False,
    )
    assert masks[0, 24, 20]
    with pytest.raises(PromptError, match=r"shape \(1, 256, 256\), got shape \(3, 3\)"):
        predictor.predict(mask_input=np.zeros((3, 3)))


@pytest.mark.parametrize("box", [[8, 16, 40, 32], [[8, 16, 40, 32]]])
def test_a_box(predictor, box):
    masks, *_ = predictor.predict(box=np.array(box), multimask_output=False)
    assert masks.shape == (1, *HW)


def test_colours_may_come_in_the_other_order(predictor):
    image = np.zeros((*HW, 3), np.uint8)
    image[16:32, 8:40, 2] = 200  # red, where blue comes first
    predictor.set_image(image, image_format="BGR")
    masks, *_ = predictor.predict([[20, 20]], [1])
    assert masks[0, 24, 20] and not masks[0, 2, 2]
    with pytest.raises(InputError, match="RGB or BGR, got 'HSV'"):
        predictor.set_image(image, "HSV")


def test_without_an_image_or_a_prompt(predictor):
    with pytest.raises(PromptError, match="got none"):
        predictor.predict()
    assert predictor.is_image_set and predictor.original_size == HW
    predictor.reset_image()
    assert not predictor.is_image_set
    with pytest.raises(InputError, match="set_image to be called first"):
        predictor.predict([[1, 1]], [1])
