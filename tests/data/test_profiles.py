from __future__ import annotations

import pytest

from biprompt.data.profiles import PROFILES, flip_label, known_names, profile_for
from biprompt.data.vocabulary import load_vocabulary, plural_of


def _known(folder: str) -> frozenset[str]:
    return known_names([profile_for(folder)])


def test_folders_are_known_by_name_and_others_get_a_default() -> None:
    assert profile_for("/data/coco-train/") is PROFILES["coco"]
    own = profile_for("my parts", ["bolt", "nut"])
    assert own.is_thing("bolt") and known_names([own]) == {"bolt", "nut"}


def test_what_is_known_of_a_folder() -> None:
    assert {"person", "polyp", "animal"} <= _known("coco-train")
    assert "person" not in _known("animals-train")
    assert "gallbladder" in _known("camvid-train") and "truck" not in _known("camvid-train")
    assert not any("tree" in _known(folder) for folder in PROFILES if folder != "camvid")


def test_a_mixed_picture_knows_what_all_its_parts_know() -> None:
    both = known_names([profile_for("coco-train"), profile_for("animals-train")])
    assert "pizza" in both and "person" not in both
    assert known_names([]) == frozenset()


def test_class_masks_and_wholes() -> None:
    clothing, street = profile_for("clothing-train"), profile_for("camvid-train")
    assert not clothing.is_thing("coat") and clothing.is_thing("person")
    assert "bag" not in clothing.wholes["person"]
    assert street.is_many("car") and not street.is_many("sky")
    assert not profile_for("coco-train").is_many("car")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_label_of_a_profile_is_in_the_vocabulary(profile) -> None:  # type: ignore[no-untyped-def]
    known = load_vocabulary()
    wholes = set(profile.wholes).union(*profile.wholes.values())
    assert profile.labels | profile.foreign | profile.many | wholes <= known.by_label.keys()
    assert profile.kinds <= known.names.keys()


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
