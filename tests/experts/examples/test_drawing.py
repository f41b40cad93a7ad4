"""Prompts drawn from a prior: where the points lie, worked out by hand."""

from __future__ import annotations

import numpy as np

from biprompt.experts.examples.drawing import (
    CLICKS,
    boxed_prompt,
    clicked_prompts,
    masked_prompt,
    peaks,
    pointed_prompt,
    prompts,
    soft_cells,
    surest_part,
)
from biprompt.experts.examples.prior import Prior
from biprompt.geometry import ModelFrame

LEAD = np.zeros((4, 8), np.float32)
LEAD[1:3, 1:3] = 0.8
LEAD[1, 2] = 1.0
LEAD[0, 7] = 0.9
PRIOR = Prior(LEAD, np.zeros((1, 32), np.float32), 0.4)
FRAME = ModelFrame((40, 80), (64, 128))
"""A place is 16 x 16 model pixels."""


def test_peaks_are_the_highest_places_that_stand_apart() -> None:
    assert peaks(LEAD, 3, 2.5).tolist()[:2] == [[1, 2], [0, 7]]
    assert peaks(LEAD, 9, 0.5).tolist()[:3] == [[1, 2], [0, 7], [1, 1]]
    assert peaks(np.full((2, 2), -np.inf, np.float32), 3, 1.0).shape == (0, 2)


def test_surest_part_leads_most_in_all() -> None:
    part = surest_part(PRIOR)
    assert part.sum() == 4 and part[1:3, 1:3].all()


def test_click_is_in_the_middle_of_the_highest_place() -> None:
    first = next(iter(clicked_prompts(PRIOR, FRAME)))
    assert first.xy.tolist() == [[2.5 * 16, 1.5 * 16]] and first.is_single
    assert len(list(clicked_prompts(PRIOR, FRAME))) == CLICKS


def test_points_add_where_it_is_likely_and_remove_where_it_is_not() -> None:
    drawn = pointed_prompt(PRIOR, FRAME)
    places = np.floor(drawn.xy / 16).astype(int)
    likely = PRIOR.likely[places[:, 1], places[:, 0]]
    assert drawn.labels.tolist() == likely.astype(float).tolist()
    assert {0.0, 1.0} == set(drawn.labels.tolist())


def test_box_goes_around_the_part() -> None:
    drawn = boxed_prompt(PRIOR, surest_part(PRIOR), FRAME)
    assert drawn.box is not None and drawn.box.tolist() == [16, 16, 48, 48]
    assert drawn.xy.tolist() == [[40, 24]]


def test_mask_covers_the_image_and_not_the_padding() -> None:
    padded = ModelFrame((40, 80), (64, 128), (128, 128))
    cells = soft_cells(np.ones((4, 8), np.float32), padded)
    assert cells.shape == (32, 32) and (cells[:16] == 1).all() and not cells[16:].any()
    drawn = masked_prompt(PRIOR, padded)
    assert drawn.cells is not None and drawn.cells.shape == (32, 32) and drawn.cells.max() <= 1
    assert drawn.cells[6, 10] > 0.8 and not drawn.cells[20:].any()


def test_model_that_starts_from_no_mask_is_asked_without_one() -> None:
    with_mask, without = prompts(PRIOR, FRAME), prompts(PRIOR, FRAME, masks=False)
    assert len(with_mask) == len(without) + 1
    assert all(one.cells is None for one in without)


def test_prior_without_a_lead_still_asks() -> None:
    flat = Prior(np.full((4, 8), 0.2, np.float32), np.zeros((1, 32), np.float32), 0.2)
    assert all(len(one.xy) for one in prompts(flat, FRAME))
