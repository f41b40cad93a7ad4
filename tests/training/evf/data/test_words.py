from __future__ import annotations

import pytest

from biprompt.data import phrases
from biprompt.training.evf.data.words import (
    mirrored,
    names_colour,
    names_place,
    names_position,
    viewers_side,
)

MIRRORED = [
    ("the dog", "the dog"),
    ("man on the left", "man on the right"),
    ("right", "left"),
    ("LEFT man", "RIGHT man"),
    ("Left man, not the right one", "Right man, not the left one"),
    ("leftmost cup", "rightmost cup"),
    ("left most cup", "right most cup"),
    ("left-most cup", "right-most cup"),
    ("the left-hand glove", "the right-hand glove"),
    ("lefthand side", "righthand side"),
    ("upper left", "upper right"),
    ("upperleft", "upperright"),
    ("lower-right corner", "lower-left corner"),
    ("farleft", "farright"),
    ("2nd from left", "2nd from right"),
    ("second from left to right", "second from right to left"),
    ("left side of the right car", "right side of the left car"),
    ("on the right behind the table", "on the left behind the table"),
    ("far right in red", "far left in red"),
    ("lefty batter", "righty batter"),
    ("[semantic] left shoe", "[semantic] right shoe"),
    # words that only look like sides
    ("bright bottle", "bright bottle"),
    ("upright bike", "upright bike"),
    ("playwright with copyright", "playwright with copyright"),
    ("cleft rock", "cleft rock"),
]
UNCERTAIN = [
    "woman right behind the man",
    "cup right next to the plate",
    "right in front",
    "left over pizza",
    "leftover pizza",
    "food left on the plate",
    "the only piece that is left",
    "that's right",
    "rt guy",
    "man far l",
    "player 23",
    "sign that says stop",
    "the number on the bus",
    "hand at 3 o'clock",
    "building to the east",
]


@pytest.mark.parametrize(("phrase", "expected"), MIRRORED)
def test_a_mirror_swaps_sides(phrase: str, expected: str) -> None:
    assert mirrored(phrase) == expected


@pytest.mark.parametrize(("phrase", "expected"), MIRRORED)
def test_two_mirrors_are_none(phrase: str, expected: str) -> None:
    assert mirrored(expected) == phrase


@pytest.mark.parametrize("phrase", UNCERTAIN)
def test_what_has_no_certain_mirror_image(phrase: str) -> None:
    assert mirrored(phrase) is None


def test_everything_that_the_builder_writes_can_be_mirrored() -> None:
    words = {"anchor": "table", "order": "second", "side": "left", "colour": "red"}
    groups = [phrases.DEFINITE, phrases.INDEFINITE, phrases.EVERY, phrases.MIDDLE,
              phrases.NEAREST, phrases.ORDINAL, phrases.LARGEST, phrases.COLOURED,
              phrases.NEXT_TO, *phrases.EDGE.values(), *phrases.SIDE.values(),
              *phrases.BESIDE.values()]  # fmt: skip
    for pattern in (p for group in groups for p in group):
        assert mirrored(pattern.format("cup", **words)) is not None, pattern


def test_templates_of_the_two_sides_are_mirror_images() -> None:
    for table in (phrases.EDGE, phrases.SIDE, phrases.BESIDE):
        left = {mirrored(p.format("cup", anchor="table")) for p in table[0, True]}
        right = {p.format("cup", anchor="table") for p in table[0, False]}
        assert right <= left | {"left most cup"}


@pytest.mark.parametrize(
    ("person", "viewer"),
    [("left shoe", "right shoe"), ("right arm", "left arm"), ("upper clothes", "upper clothes")],
)
def test_the_viewers_side_of_a_person(person: str, viewer: str) -> None:
    assert viewers_side(person) == viewer


@pytest.mark.parametrize(
    ("phrase", "named"),
    [("the red dog", True), ("reddish cup", True), ("grey", True), ("gray cat", True),
     ("dark-haired man", True), ("blonde", True), ("striped shirt", True), ("brightest", True),
     ("woman in whites", True), ("colorful kite", True), ("dog", False), ("bread", False),
     ("redwood", False), ("sunflower", False), ("tank top", False), ("headlight", False)],
)  # fmt: skip
def test_colours(phrase: str, named: bool) -> None:
    assert names_colour(phrase) is named


@pytest.mark.parametrize(
    ("phrase", "position", "place"),
    [
        ("the dog", False, False),
        ("a photo of the dog", False, False),
        ("please segment the dog", False, False),
        ("all dogs", False, False),
        ("[semantic] sky", False, False),
        ("left dog", True, True),
        ("upperleft dog", True, True),
        ("rt dog", True, True),
        ("dog in the corner of the picture", True, True),
        ("third dog", True, True),
        ("3rd dog", True, True),
        ("largest dog", True, True),
        ("dog in front", True, True),
        ("dog next to the table", True, True),
        ("dog beside the table", False, True),
        ("man with a hat", False, True),
        ("woman holding a cup", False, True),
        ("man who runs", False, True),
    ],
)
def test_positions_and_places(phrase: str, position: bool, place: bool) -> None:
    assert (names_position(phrase), names_place(phrase)) == (position, place)


def test_all_places_that_the_builder_writes_are_seen() -> None:
    words = {"anchor": "table", "order": "second", "side": "left"}
    groups = [phrases.MIDDLE, phrases.NEAREST, phrases.ORDINAL, phrases.LARGEST, phrases.SMALLEST,
              *phrases.EDGE.values(), *phrases.SIDE.values()]  # fmt: skip
    for pattern in (p for group in groups for p in group):
        assert names_position(pattern.format("cup", **words)), pattern
    for pattern in (*phrases.NEXT_TO, *(p for g in phrases.BESIDE.values() for p in g)):
        assert names_place(pattern.format("cup", **words)), pattern
    for pattern in phrases.COLOURED:
        assert names_colour(pattern.format("cup", colour="red")), pattern
    for pattern in (*phrases.DEFINITE, *phrases.INDEFINITE, *phrases.EVERY, *phrases.EVERY_ONE):
        assert not names_place(pattern.format("cup")), pattern
