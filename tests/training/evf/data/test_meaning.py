from __future__ import annotations

import pytest

from biprompt.data.vocabulary import load_vocabulary
from biprompt.training.evf.data.meaning import Facts, Meanings


@pytest.fixture(scope="module")
def meanings() -> Meanings:
    return Meanings(load_vocabulary().with_labels(["espresso machine"]))


@pytest.mark.parametrize(
    ("phrase", "labels"),
    [
        ("the dog", {"dog"}),
        ("[semantic] dog", {"dog"}),
        ("all dogs next to the couch", {"dog", "couch"}),
        ("Two PEOPLE", {"person", "pedestrian"}),
        ("espresso machine", {"espresso machine"}),
        ("espresso machines", {"espresso machine"}),
        ("something blue", set()),
        ("the doghouse", set()),
    ],
)
def test_names_in_a_phrase(meanings: Meanings, phrase: str, labels: set[str]) -> None:
    assert meanings.of(phrase) == labels


def test_only_the_data_sets_own_label_is_meant_where_it_has_one() -> None:
    street = Meanings(load_vocabulary(), ["person", "dog"])
    assert street.of("two people") == {"person"}
    assert street.of("pedestrian") == {"pedestrian"}
    assert {"dog", "cat"} <= (street.of("the animal") or frozenset())


def test_a_kind_means_all_its_labels(meanings: Meanings) -> None:
    animals = meanings.of("the animal")
    assert animals is not None
    assert {"dog", "cat", "zebra"} <= animals
    assert "car" not in animals


def test_a_name_that_is_too_wide_means_nothing_certain(meanings: Meanings) -> None:
    assert meanings.of("food on the dog") is None


def test_siblings(meanings: Meanings) -> None:
    like = meanings.siblings({"dog"})
    assert {"cat", "horse"} <= like
    assert like.isdisjoint({"dog", "car"})
    assert meanings.siblings({"nothing known"}) == frozenset()


def test_absence(meanings: Meanings) -> None:
    everything = frozenset({"dog", "cat", "couch", "bed"})
    assert meanings.is_absent(frozenset({"dog"}), Facts(frozenset({"cat"}), everything))
    assert not meanings.is_absent(frozenset({"dog"}), Facts(frozenset({"dog"}), everything))
    assert not meanings.is_absent(frozenset({"horse"}), Facts(frozenset(), everything))
    close = load_vocabulary().too_close({"couch"}) - {"couch"}
    for label in close & everything:
        assert not meanings.is_absent(frozenset({label}), Facts(frozenset({"couch"}), everything))
