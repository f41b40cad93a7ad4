"""The prior map against loops, and Otsu's level against all levels."""

from __future__ import annotations

import numpy as np
import pytest
from tests.experts.examples.conftest import ColourRuntime, look, picture, seen

from biprompt.experts.examples.expert import shown
from biprompt.experts.examples.prior import Prior, otsu, prior_map, similarity_prior
from biprompt.experts.examples.support import Support, unit

RANDOM = np.random.default_rng(7)


def test_similarity_prior_is_the_mean_of_the_best_cosines() -> None:
    shown_places = unit(RANDOM.normal(size=(4, 9)).astype(np.float32))
    places = unit(RANDOM.normal(size=(4, 6)).astype(np.float32))
    for count in (1, 3, 20):
        expected = []
        for place in places.T:
            cosines = sorted(
                (float(np.dot(place, other)) for other in shown_places.T), reverse=True
            )
            expected.append(np.mean(cosines[:count]))
        assert similarity_prior(shown_places, places, count) == pytest.approx(expected, abs=1e-6)


def test_nothing_shown_is_like_nothing() -> None:
    assert similarity_prior(np.zeros((4, 0), np.float32), np.ones((4, 3), np.float32)).tolist() == [
        0, 0, 0,
    ]  # fmt: skip


def test_otsu_has_the_greatest_variance_between_two_groups() -> None:
    values = np.concatenate((RANDOM.normal(0, 1, 300), RANDOM.normal(6, 1, 100)))
    level = otsu(values)

    def between(at: float) -> float:
        low, high = values[values <= at], values[values > at]
        if not len(low) or not len(high):
            return 0.0
        return len(low) * len(high) * (low.mean() - high.mean()) ** 2

    best = max(between(at) for at in np.linspace(values.min(), values.max(), 200))
    assert between(level) > 0.99 * best and 2 < level < 4


def test_otsu_of_equal_numbers_is_finite() -> None:
    assert np.isfinite(otsu(np.full((3, 4), 0.25)))


def test_lead_is_high_where_the_colour_is_and_nowhere_else(colours: ColourRuntime) -> None:
    support = Support.of([shown(colours, seen(red=(8, 8, 24)))])
    query = look(picture(red=(80, 24, 24), blue=(16, 24, 24)))
    prior = prior_map(colours.dense(query), support)
    red = np.zeros((16, 32), np.bool_)
    red[6:12, 20:26] = True
    assert prior.lead.shape == red.shape
    assert (prior.likely == red).all()
    assert prior.lead[red].min() > 0.5 > prior.lead[~red].max()
    assert prior.soft[red].min() > 0.5 > prior.soft[~red].max()


def test_negative_example_lowers_the_lead_of_what_it_shows(colours: ColourRuntime) -> None:
    red, blue = seen(red=(8, 8, 24)), seen(0, blue=(8, 8, 24))
    query = colours.dense(look(picture(red=(80, 24, 24), blue=(16, 24, 24))))
    alone = prior_map(query, Support.of([shown(colours, red)]))
    both = prior_map(query, Support.of([shown(colours, one) for one in (red, blue)]))
    assert both.lead[8, 6] < alone.lead[8, 6] - 0.2  # the blue square
    assert both.lead[8, 22] > 0.5  # the red one still leads


def test_tightened_prior_keeps_a_part_of_what_was_likely() -> None:
    lead = np.array([[0.0, 0.0, 0.0, 0.5, 0.6, 1.0]], np.float32)
    prior = Prior(lead, np.zeros((1, 6), np.float32), otsu(lead))
    tight = prior.tightened()
    assert prior.likely.tolist() == [[False] * 3 + [True] * 3]
    assert tight.likely.tolist() == [[False] * 5 + [True]]
    flat = Prior(np.full((2, 2), 0.3, np.float32), np.zeros((1, 4), np.float32), 0.3)
    assert flat.tightened().likely.any()
