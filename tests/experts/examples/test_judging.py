"""Measurements by hand, and what the calibration must obey."""

from __future__ import annotations

import numpy as np
import pytest
from tests.experts.examples.conftest import ColourRuntime, look, picture, seen, square

from biprompt.experts.examples import judging
from biprompt.experts.examples.expert import shown
from biprompt.experts.examples.prior import prior_map
from biprompt.experts.examples.support import Support
from biprompt.experts.pair import Proposal

RED, BLUE = (80, 24, 24), (16, 24, 24)


@pytest.fixture
def judged(colours: ColourRuntime) -> tuple:
    support = Support.of([shown(colours, seen(red=(8, 8, 24)))])
    query = look(picture(red=RED, blue=BLUE))
    prior = prior_map(colours.dense(query), support)
    found = [Proposal(square(*RED), 0.9), Proposal(square(*BLUE), 0.9)]
    return found, prior, support


def columns(values: np.ndarray) -> dict[str, list[float]]:
    return dict(zip(judging.MEASURED, values.T.tolist(), strict=True))


def test_the_right_square_measures_better(judged: tuple) -> None:
    found, prior, support = judged
    area = 24 * 24 / (64 * 128)
    by_name = columns(judging.measured(found, prior, support, [area]))
    for name in ("ahead", "matched", "overlap"):
        assert by_name[name][0] > by_name[name][1] + 0.3, name
    assert by_name["overlap"][1] < 0.1
    assert by_name["predicted"] == [0.9, 0.9]
    assert by_name["agreed"] == pytest.approx([0.5, 0.5])  # 1 with itself, 0 with the other
    assert by_name["resized"] == pytest.approx([0, 0], abs=1e-6)


def test_size_counts_as_a_ratio_to_the_geometric_mean_of_the_examples(judged: tuple) -> None:
    found, prior, support = judged
    area = 24 * 24 / (64 * 128)
    values = judging.measured(found, prior, support, [area, 4 * area])
    assert columns(values)["resized"][0] == pytest.approx(np.log(2))


def test_resemblance_of_the_same_colour_is_complete(judged: tuple) -> None:
    found, prior, support = judged
    cosine, relative = judging.resemblance(found[0], prior, support)
    assert cosine == pytest.approx(1, abs=1e-3) and relative == pytest.approx(1, abs=1e-2)
    other, lower = judging.resemblance(found[1], prior, support)
    assert other < 0.3 and lower < 0.3


def test_presence_is_one_half_at_the_stated_threshold() -> None:
    for model, column in (("compact", 0), ("somebody else's", 1)):
        name = model if model == "compact" else judging.ANY
        level = float(judging.calibration()["presence"][name]["threshold"])
        at = [np.nan, np.nan]
        at[column] = level
        assert judging.presence(*at, model) == pytest.approx(0.5)
        at[column] = level + 0.2
        assert judging.presence(*at, model) > 0.55


def test_expected_iou_is_a_part_of_one() -> None:
    wild = np.array([[9.0] * 6, [-9.0] * 6, [0.5] * 6])
    found = judging.expected_iou(wild)
    assert ((found >= 0) & (found <= 1)).all()


def test_agreement_of_proposals_counts_for_them() -> None:
    column = judging.MEASURED.index("agreed")
    low, high = np.full((2, 6), 0.3)
    high[column] = 0.6
    assert judging.expected_iou(np.stack([low, high]))[1] > judging.expected_iou(low[None])[0]
