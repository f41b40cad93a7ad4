from __future__ import annotations

import pytest

from biprompt.data.domains import DOMAINS, domain_of, flip_label, known_names
from biprompt.data.vocabulary import load_vocabulary, plural_of


def test_folders_are_known_by_name_and_others_get_a_default() -> None:
    assert domain_of("/data/coco-train/") is DOMAINS["coco"]
    own = domain_of("my parts", ["bolt", "nut"])
    assert own.is_thing("bolt") and own.absent(["bolt"]) == {"nut"}


def test_absence_is_claimed_only_where_it_is_known() -> None:
    assert "person" in domain_of("coco-train").absent(["dog"])
    assert "person" not in domain_of("animals-train").absent(["deer"])
    assert "polyp" in domain_of("coco-train").absent([])
    assert "gallbladder" in domain_of("camvid-train").absent([])
    assert "heels" not in domain_of("clothing-train").absent(["shoes"])
    assert "truck" not in domain_of("camvid-train").absent([])


def test_a_mixed_picture_knows_what_all_its_parts_know() -> None:
    both = known_names([domain_of("coco-train"), domain_of("animals-train")])
    assert "pizza" in both and "person" not in both
    assert known_names([]) == frozenset()


def test_class_masks_and_wholes() -> None:
    clothing, street = domain_of("clothing-train"), domain_of("camvid-train")
    assert not clothing.is_thing("coat") and clothing.is_thing("person")
    assert clothing.whole == "person" and "bag" not in clothing.parts
    assert street.is_many("car") and not street.is_many("sky")
    assert not domain_of("coco-train").is_many("car")
    assert domain_of("regions-train", ["region"]).regions and not clothing.regions


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
def test_every_label_of_a_domain_is_in_the_vocabulary(domain) -> None:  # type: ignore[no-untyped-def]
    known = load_vocabulary()
    assert domain.labels | domain.foreign | domain.many | domain.parts <= known.by_label.keys()
    assert domain.kinds <= known.names.keys()


@pytest.mark.parametrize(
    ("label", "flipped"),
    [("front left door", "front right door"), ("right mirror", "left mirror"), ("dog", "dog")],
)
def test_mirroring_swaps_the_cars_sides(label: str, flipped: str) -> None:
    assert flip_label(label) == flipped and flip_label(flipped) == label


def test_plurals() -> None:
    names = load_vocabulary().names
    pairs = {"dog": "dogs", "bus": "buses", "knife": "knives", "man": "men", "jeans": "jeans"}
    assert {noun: names[noun].plural for noun in pairs} == pairs
    assert plural_of("wine glass") == "wine glasses" and plural_of("kitty") == "kitties"


def test_a_users_own_label_joins_the_vocabulary() -> None:
    known = load_vocabulary().with_labels(["bolt", "dog", "region"])
    assert known.names["bolt"].plural == "bolts" and known.names["dog"].sort == "label"
    assert "region" not in known.names
