"""Features and their cosines."""

from __future__ import annotations

import numpy as np
import pytest

from biprompt.presence import load_domain
from biprompt.presence.features import FEATURE_DIM, meaning
from biprompt.presence.questions import concepts_of


@pytest.fixture(scope="module")
def organs():
    return concepts_of("organs")


def test_every_description_has_a_feature_of_unit_length(organs):
    domain = organs.domain
    entries = (*domain.entries, domain.none)
    assert organs.features.shape == (sum(len(e.texts) for e in entries), FEATURE_DIM)
    np.testing.assert_allclose(np.linalg.norm(organs.features, axis=1), 1, atol=1e-5)


def test_similarity_is_the_cosine_with_the_nearest_description(organs):
    words = ["stores", "bile"]
    query = organs.encoder.encode(words)
    by_hand = {}
    for feature, owner in zip(organs.features, organs.owners, strict=True):
        cosine = float(query @ feature / np.linalg.norm(query) / np.linalg.norm(feature))
        by_hand[owner] = max(by_hand.get(owner, -1.0), cosine)
    match = organs.match(words)
    assert match.none == pytest.approx(by_hand.pop("none of them"), abs=1e-5)
    assert match.similarities == pytest.approx(by_hand, abs=1e-5)
    assert [*match.similarities.values()] == sorted(match.similarities.values(), reverse=True)
    assert match.texts["gallbladder"] == "stores bile"


def test_what_is_only_mentioned_is_left_out(organs):
    assert next(iter(organs.match(["liver"]).similarities)) == "liver"
    assert "liver" not in organs.match(["liver"], {"liver"}).similarities


def test_a_medical_word_is_near_its_everyday_word():
    assert meaning("hepatic") @ meaning("liver") > 0.7 > 0.4 > meaning("hepatic") @ meaning("car")
    assert meaning("renal") @ meaning("kidney") > 0.7
    assert not meaning("flimbrotq").any()


def test_letters_carry_a_slip_of_the_pen(organs):
    assert next(iter(organs.match(["eosophagus"]).similarities)) == "esophagus"


def test_neighbours_leave_out_ones_own_pair(organs):
    near = dict(organs.neighbours("kidneys"))
    assert "left kidney" not in near and "kidneys" not in near
    near.pop("none of them")
    assert max(near, key=near.get) == "adrenal glands"
    assert load_domain("organs") == organs.domain
