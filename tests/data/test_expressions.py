"""Expressions are true: each is read back by a parser of its own and checked against the boxes."""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import biprompt.data
from biprompt.data import phrases
from biprompt.data.expressions import Expression, ExpressionBuilder, SceneObject
from biprompt.data.profiles import PROFILES, known_names
from biprompt.data.vocabulary import load_vocabulary

HW = (300, 400)
VOCABULARY = load_vocabulary()
BUILDER = ExpressionBuilder(VOCABULARY)
KINDS = frozenset({"animal", "vehicle", "food", "door", "mirror"})
FACTS = tomllib.loads((Path(biprompt.data.__file__).parent / "vocabulary.toml").read_text("utf-8"))

# --- an independent reading of the phrases


def _labels_called(noun: str) -> set[str]:
    found = set()
    for label, entry in FACTS["labels"].items():
        wider = entry.get("kinds", [])
        if noun in [label, *entry.get("same", []), *entry.get("narrow", []), *wider]:
            found.add(label)
    return found


SINGULAR = {noun: _labels_called(noun) for noun in VOCABULARY.names}
PLURAL: dict[str, set[str]] = {}
for _name in VOCABULARY.names.values():
    PLURAL.setdefault(_name.plural, set()).update(SINGULAR[_name.text])

LEADS = (
    "a photo of the ",
    "a photo of a ",
    "a photo of ",
    "please segment the ",
    "segment the ",
    "segment all ",
    "show me the ",
    "find the ",
    "all the ",
    "all ",
    "every ",
    "each ",
    "this ",
    "the ",
    "a ",
    "",
)
SIDES = {
    "left": (0, 1),
    "right": (0, -1),
    "top": (1, 1),
    "upper": (1, 1),
    "highest": (1, 1),
    "topmost": (1, 1),
    "bottom": (1, -1),
    "lower": (1, -1),
    "lowest": (1, -1),
    "leftmost": (0, 1),
    "rightmost": (0, -1),
    "left most": (0, 1),
}
RELATIONS = {
    "left of": (0, 1),
    "to the left of": (0, 1),
    "right of": (0, -1),
    "to the right of": (0, -1),
    "above": (1, 1),
    "over": (1, 1),
    "below": (1, -1),
    "under": (1, -1),
}
COLOURS = ["black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink",
           "brown"]  # fmt: skip
ORDER = ["first", "second", "third", "fourth"]


class Reader:
    """Tells whether a phrase is true of some targets, from boxes in pixels."""

    def __init__(self, objects: Sequence[SceneObject]) -> None:
        self.objects = objects
        self.centre = [
            ((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in (o.box_xyxy for o in objects)
        ]

    def group(self, labels: set[str]) -> list[int]:
        return [i for i, o in enumerate(self.objects) if o.label in labels]

    def true(self, said: Expression) -> bool:
        """Whether any reading of the phrase names exactly its targets."""
        cores = [said.text[len(lead) :] for lead in LEADS if said.text.startswith(lead)]
        readings = [r for core in cores for r in self._readings(core)]
        assert readings, f"cannot read {said.text!r}"
        return any(found == set(said.targets) for found in readings)

    def _readings(self, core: str) -> list[set[int]]:
        found = []
        if core.startswith("[semantic] ") and core[11:] in SINGULAR:
            found.append(set(self.group(SINGULAR[core[11:]])))
        if core in SINGULAR:
            found.append(set(self.group(SINGULAR[core])))
        if core in PLURAL:
            found.append(set(self.group(PLURAL[core])))
        for pattern, rule in RULES:
            match = re.fullmatch(pattern, core)
            noun = match["noun"] if match else ""
            for labels in (SINGULAR.get(noun), PLURAL.get(noun)):
                if match and labels:
                    group = self.group(labels)
                    found.append({i for i in group if rule(self, match, group, i)})
        return found

    def gap(self, i: int, j: int) -> float:
        a, b = self.objects[i].box_xyxy, self.objects[j].box_xyxy
        dx = max(a[0] - b[2], b[0] - a[2], 0)
        dy = max(a[1] - b[3], b[1] - a[3], 0)
        return math.hypot(dx, dy)


def _side(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    axis, sign = SIDES[match["side"]]
    mine = reader.centre[i][axis]
    if len(group) == 1:
        return sign * (mine / HW[1 - axis] - 0.5) < 0
    return all(sign * mine < sign * reader.centre[j][axis] for j in group if j != i)


def _middle(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    x = reader.centre[i][0]
    if len(group) == 1:
        return abs(x / HW[1] - 0.5) < 1 / 6
    return sorted(reader.centre[j][0] for j in group)[len(group) // 2] == x and len(group) > 2


def _nearest(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    lowest = max(group, key=lambda j: reader.objects[j].box_xyxy[3])
    return lowest == i == max(group, key=lambda j: reader.objects[j].area)


def _size(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    areas = sorted(reader.objects[j].area for j in group)
    small = match["size"] in ("smallest", "small", "little")
    clear = areas[1] > 1.5 * areas[0] if small else areas[-1] > 1.5 * areas[-2]
    return clear and reader.objects[i].area == (areas[0] if small else areas[-1])


def _ordinal(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    order = sorted(group, key=lambda j: reader.centre[j][0], reverse=match["side"] == "right")
    return order[ORDER.index(match["order"])] == i


def _colour(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    return reader.objects[i].colour in (match["colour"], None)


def _relation(reader: Reader, match: re.Match[str], group: list[int], i: int) -> bool:
    anchors = reader.group({match["anchor"]})
    if len(anchors) != 1:
        return False
    if match["how"] in RELATIONS:
        axis, sign = RELATIONS[match["how"]]
        return sign * reader.centre[i][axis] < sign * reader.centre[anchors[0]][axis]
    near = min(reader.gap(j, anchors[0]) for j in group)
    return reader.gap(i, anchors[0]) <= near + 0.05 * math.hypot(*HW)


Rule = Callable[[Reader, re.Match[str], list[int], int], bool]
_ANY_SIDE = "|".join(sorted(SIDES, key=len, reverse=True))
RULES: list[tuple[str, Rule]] = [
    (rf"(?P<side>{_ANY_SIDE}) (?P<noun>.+)", _side),
    (r"(?P<noun>.+) (?:on|at|to|in) the (?:far )?(?P<side>left|right|top|bottom)(?: side)?", _side),
    (r"(?P<noun>.+) farthest to the (?P<side>left|right)", _side),
    (r"(?P<noun>.+) in the (?P<side>upper|lower) part", _side),
    (r"(?P<noun>.+) in the (?:middle|center)", _middle),
    (r"(?:middle|center|central) (?P<noun>.+)", _middle),
    (r"(?:nearest|closest) (?P<noun>.+)", _nearest),
    (r"(?P<noun>.+) (?:in front|nearest to the camera)", _nearest),
    (r"(?P<size>biggest|largest|big|large|smallest|small|little) (?P<noun>.+)", _size),
    (rf"(?P<order>{'|'.join(ORDER)}) (?P<noun>.+) from (?:the )?(?P<side>left|right)", _ordinal),
    (rf"(?P<colour>{'|'.join(COLOURS)}) (?:colored )?(?P<noun>.+)", _colour),
    (rf"(?P<noun>.+) that is (?P<colour>{'|'.join(COLOURS)})", _colour),
    (
        rf"(?P<noun>.+?) (?P<how>{'|'.join(RELATIONS)}|next to|beside|near|by) the (?P<anchor>.+)",
        _relation,
    ),
]

# --- scenes


def _object(
    label: str, x: float, y: float, w: float = 40, h: float = 40, **more: object
) -> SceneObject:
    box = (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    return SceneObject(label, box, w * h * 0.7, **more)  # type: ignore[arg-type]


def _random_scene(rng: np.random.Generator) -> list[SceneObject]:
    pool = ["dog", "cat", "car", "person", "cup", "handbag", "pedestrian", "left mirror", "wheel",
            "hair", "shoes", "bus", "teddy bear", "orange", "region"]  # fmt: skip
    labels = rng.choice(pool, rng.integers(1, 4), replace=False)
    found = []
    for label in labels:
        for _ in range(rng.integers(1, 5)):
            w, h = rng.uniform(8, 160, 2)
            x, y = rng.uniform(w / 2, 400 - w / 2), rng.uniform(h / 2, 300 - h / 2)
            colour = [None, "red", "blue", "white", "yellow"][rng.integers(5)]
            thing = label not in ("hair", "shoes")
            found.append(_object(str(label), x, y, w, h, colour=colour, thing=thing))
    return found


def _ask(
    objects: Sequence[SceneObject],
    count: int = 60,
    absent: Sequence[str] | frozenset[str] = KINDS,
    rate: float = 0.0,
    seed: int = 0,
) -> list[Expression]:
    rng = np.random.default_rng(seed)
    return BUILDER.build(objects, HW, rng, count, absent, rate)


def _texts(found: Sequence[Expression], kind: str) -> dict[str, tuple[int, ...]]:
    return {e.text: e.targets for e in found if e.kind == kind}


# --- the property


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_expression_is_true(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objects = _random_scene(rng)
    known = known_names([PROFILES["coco"]]) | KINDS
    reader = Reader(objects)
    for said in BUILDER.build(objects, HW, rng, 12, known, 0.3):
        assert said.targets == tuple(sorted(set(said.targets)))
        if said.kind == "absent":
            assert not said.targets
        elif said.kind == "absent-colour":
            assert _absent_colour_true(reader, said)
        else:
            assert said.targets and reader.true(said), said
            assert said.kind != "name" or len(said.targets) == 1


def _absent_colour_true(reader: Reader, said: Expression) -> bool:
    core = next(said.text[len(lead) :] for lead in LEADS if said.text.startswith(lead))
    colour, noun = core.split(" ", 1)
    seen = {reader.objects[i].colour for i in reader.group(SINGULAR[noun])}
    return colour not in seen and None not in seen and not said.targets


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_is_called_absent_is_known_not_to_be_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objects = _random_scene(rng)
    known = known_names([PROFILES["coco"]])
    labels = {o.label for o in objects}
    gone = {n for n in known if not SINGULAR[n] & labels}
    nouns = gone | {VOCABULARY.names[n].plural for n in gone}
    for said in BUILDER.build(objects, HW, rng, 12, known, 1.0):
        target = re.split(r" (?:left of|right of|above|below|over|under|to the) ", said.text)[0]
        if said.kind == "absent":
            assert any(re.search(rf"\b{re.escape(noun)}\b", target) for noun in nouns), said


def test_the_same_seed_writes_the_same_and_the_sum_covers_every_kind() -> None:
    kinds: Counter[str] = Counter()
    known = known_names([PROFILES["coco"]])
    for seed in range(200):
        objects = _random_scene(np.random.default_rng(seed))
        one = _ask(objects, 8, known, 0.3, seed)
        assert one == _ask(objects, 8, known, 0.3, seed)
        kinds.update(e.kind for e in one)
    assert set(kinds) == {
        "name", "all", "semantic", "position", "ordinal", "size", "colour", "relation", "absent",
        "absent-colour",
    }  # fmt: skip


# --- scenes with known truths


def test_two_dogs_apart_have_sides() -> None:
    found = _texts(_ask([_object("dog", 60, 150), _object("dog", 340, 150)]), "position")
    lefts = {targets for text, targets in found.items() if "left" in text}
    rights = {targets for text, targets in found.items() if "right" in text}
    assert lefts == {(0,)} and rights == {(1,)}
    assert not any("top" in text or "bottom" in text for text in found)


def test_dogs_at_the_same_place_have_no_sides() -> None:
    found = _ask([_object("dog", 200, 150), _object("dog", 210, 155)], 80)
    assert {e.kind for e in found} <= {"all", "semantic"}
    assert all(e.targets == (0, 1) for e in found)


def test_one_of_several_is_never_called_by_the_bare_name() -> None:
    found = _ask([_object("dog", 60, 150), _object("dog", 340, 150)], 400)
    singular = [e for e in found if e.text in ("dog", "the dog", "a dog")]
    assert not singular and {"dogs", "all dogs"} & {e.text for e in found}


def test_a_benchmark_name_may_mean_all() -> None:
    builder = ExpressionBuilder(VOCABULARY, singular_for_all=1.0)
    objects = [_object("dog", 60, 150), _object("dog", 340, 150)]
    found = builder.build(objects, HW, np.random.default_rng(0), 60, (), 0.0)
    assert ("dog", (0, 1)) in {(e.text, e.targets) for e in found}


def test_order_from_either_side() -> None:
    objects = [_object("cup", x, 150) for x in (320, 80, 200)]
    found = _texts(_ask(objects, 200), "ordinal")
    left = {t.split()[-4:][0] for t in found if "left" in t}
    assert left
    for text, targets in found.items():
        place = next(i for i, word in enumerate(ORDER) if word in text)
        order = [1, 2, 0] if "left" in text else [0, 2, 1]
        assert targets == (order[place],), text


def test_the_middle_one_of_three() -> None:
    objects = [_object("cup", x, 150) for x in (320, 80, 200)]
    found = _texts(_ask(objects, 200), "position")
    assert {targets for text, targets in found.items() if "middle" in text} == {(2,)}


@pytest.mark.parametrize(("ratio", "expected"), [(1.4, False), (1.6, True)])
def test_size_needs_a_clear_difference(ratio: float, expected: bool) -> None:
    objects = [
        SceneObject("car", (100, 100, 140, 140), 1000.0),
        SceneObject("car", (102, 100, 142, 140), 1000.0 * ratio),
    ]
    found = _texts(_ask(objects, 100), "size")
    assert bool(found) is expected
    for text, targets in found.items():
        assert targets == ((0,) if re.search("small|little", text) else (1,))


def test_colour_needs_a_contrast_and_certainty() -> None:
    def cars(*colours: str | None) -> dict[str, tuple[int, ...]]:
        objects = [_object("car", 200 + i, 150, colour=c) for i, c in enumerate(colours)]
        return _texts(_ask(objects, 150), "colour")

    red = re.compile(r"\bred\b")
    assert {t for text, t in cars("red", "blue").items() if red.search(text)} == {(0,)}
    several = cars("red", "blue", "red")
    assert {t for text, t in several.items() if red.search(text)} == {(0, 2)}
    assert not cars("red", "red") and not cars("red", None) and not cars("red", "orange")


def test_relations_to_the_only_laptop() -> None:
    objects = [_object("cup", 60, 150), _object("cup", 340, 150), _object("laptop", 200, 150, 80)]
    found = _texts(_ask(objects, 200), "relation")
    assert {t for text, t in found.items() if "left of the laptop" in text} == {(0,)}
    assert {t for text, t in found.items() if "right of the laptop" in text} == {(1,)}


def test_no_relation_to_one_of_two_laptops() -> None:
    objects = [_object("cup", 60, 150), _object("laptop", 200, 150), _object("laptop", 300, 150)]
    assert not _texts(_ask(objects, 200), "relation")


def test_a_wider_name_means_all_of_the_kind_and_only_where_that_is_known() -> None:
    objects = [_object("dog", 60, 150), _object("cat", 340, 150), _object("cup", 200, 40)]
    wide = [e for e in _ask(objects, 400) if re.search(r"\banimals\b", e.text)]
    assert wide and {e.targets for e in wide if e.kind == "all"} == {(0, 1)}
    assert not any("animal" in e.text for e in _ask(objects, 400, ()))


def test_a_name_shared_by_labels_means_all_of_them() -> None:
    objects = [_object("handbag", 60, 150), _object("backpack", 340, 150)]
    bags = [e for e in _ask(objects, 300) if re.search(r"\bbags\b", e.text)]
    assert bags and all(e.targets == (0, 1) for e in bags if e.kind == "all")


def test_the_cars_own_left_and_right_are_not_the_images() -> None:
    objects = [_object("left mirror", 340, 150), _object("right mirror", 60, 150)]
    found = _ask(objects, 200)
    assert {e.kind for e in found} <= {"name", "all", "semantic"}
    assert dict(_texts(found, "name"))["left mirror"] == (0,)


def test_class_masks_are_called_in_the_plural_where_they_hold_many() -> None:
    many = _ask([_object("car", 200, 150, thing=False, many=True)])
    assert {e.kind for e in many} == {"all", "semantic"}
    stuff = _ask([_object("hair", 200, 50, thing=False)])
    assert {e.kind for e in stuff} == {"name", "semantic"}
    assert not any(" a hair" in e.text or e.text.startswith("a hair") for e in stuff)


def test_absent_only_when_known() -> None:
    objects = [_object("dog", 60, 150)]
    found = _ask(objects, 20, ["cat", "hound", "wine glass", "food"], 1.0)
    assert found and all(e.kind == "absent" and not e.targets for e in found)
    assert all(re.search("cat|wine glass", e.text) for e in found)
    assert _ask(objects, 20, (), 1.0) == [] and _ask([], 20, (), 0.5) == []
    assert all(not e.targets for e in _ask([], 20, ["cat"], 0.5))


def test_a_wrong_colour_is_absent_only_when_all_colours_are_certain() -> None:
    sure = _ask([_object("car", 60, 150, colour="blue")], 60, (), 1.0)
    assert {e.kind for e in sure} == {"absent-colour"}
    assert not any(re.search("blue|purple|grey|black|green|white", e.text) for e in sure)
    objects = [_object("car", 60, 150, colour="blue"), _object("car", 300, 150)]
    assert not _ask(objects, 60, (), 1.0)


def test_labels_that_name_nothing_get_no_words() -> None:
    assert _ask([_object("region", 200, 150), _object("object", 100, 50)]) == []


def test_an_unknown_label_is_called_by_its_name() -> None:
    texts = {e.text for e in _ask([_object("spark plug", 200, 150)])}
    assert {"spark plug", "the spark plug"} <= texts


def test_allowed_names_only() -> None:
    objects = [_object("dog", 60, 150), _object("person", 200, 150)]
    rng = np.random.default_rng(0)
    found = BUILDER.build(objects, HW, rng, 30, (), 0.0, allowed={"dog"})
    assert found and all(e.targets == (0,) and "person" not in e.text for e in found)


@pytest.mark.parametrize("folder", sorted(PROFILES))
def test_a_label_that_is_there_is_never_called_absent_in_its_folder(folder: str) -> None:
    profile = PROFILES[folder]
    known = known_names([profile])
    for label in sorted(profile.labels):
        for said in _ask([_object(label, 200, 150)], 20, known, 1.0):
            core = said.text.removeprefix(phrases.SEMANTIC.format(""))
            assert core != label and core != VOCABULARY.names[label].plural
