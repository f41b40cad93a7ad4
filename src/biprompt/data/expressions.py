"""Referring expressions written from labels: what a person would call the objects of an image.

Every expression is true: it names exactly its targets, by a clear margin, or (no targets) it
names something that is known not to be there. The builder works on boxes and areas only, so
expressions are written anew after every augmentation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from biprompt.data import phrases
from biprompt.data.colours import COLOURS, close_colours, colour_name
from biprompt.data.domains import (
    UNSURE,
    Domain,
    domain_of,
    flip_label,
    known_names,
)
from biprompt.data.layout import Layout, SceneObject
from biprompt.data.vocabulary import KIND, LABEL, NARROW, SAME, Name, Vocabulary

__all__ = [
    "Domain",
    "Expression",
    "ExpressionBuilder",
    "SceneObject",
    "colour_name",
    "domain_of",
    "flip_label",
    "known_names",
]

_SORT_WEIGHT = {LABEL: 0.58, SAME: 0.27, KIND: 0.08, NARROW: 0.07}
_LATERAL = frozenset({"left", "right"})
_EDGES = ((0, True), (0, False), (1, True), (1, False))
_HARD_SHARE = 0.5
_MAX_RANK = len(phrases.ORDINALS)
_ANCHOR_AREA = 0.004
_NEXT_GAP, _APART_GAP = 0.03, 0.12


_T = TypeVar("_T")
_Allowed = Callable[[Name], bool]
_Writer = Callable[["_Case"], "Expression | None"]


@dataclass(frozen=True, slots=True)
class Expression:
    """A phrase and what it names.

    Attributes:
        text: the phrase.
        targets: indices of the named objects; empty when the thing is absent.
        kind: "name", "all", "semantic", "position", "ordinal", "size", "colour", "relation",
            "absent" or "absent-colour".
    """

    text: str
    targets: tuple[int, ...]
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One object under one name: what a phrase writer gets."""

    layout: Layout
    name: Name
    group: tuple[int, ...]
    target: int
    scene: _Scene
    draw: _Draw

    @property
    def lateral(self) -> bool:
        """Whether the labels carry the thing's own left and right, so that the image's mislead."""
        return any(
            not _LATERAL.isdisjoint(self.layout.objects[i].label.split()) for i in self.group
        )


class _Draw:
    """Cheap random draws (a Generator's own `choice` costs more than the rest of a phrase)."""

    __slots__ = ("random",)

    def __init__(self, rng: np.random.Generator) -> None:
        self.random = rng.random

    def below(self, n: int) -> int:
        return min(int(self.random() * n), n - 1)

    def one(self, items: Sequence[_T]) -> _T:
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[_T], weights: Sequence[float]) -> _T:
        left = self.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            left -= weight
            if left <= 0:
                return item
        return items[-1]


class _Scene:
    """One image's objects by label and by name."""

    __slots__ = ("_groups", "allowed", "by_label", "labels", "layout")

    def __init__(
        self,
        layout: Layout,
        labels: dict[str, list[int]],
        by_label: Mapping[str, tuple[Name, ...]],
        allowed: _Allowed,
    ) -> None:
        self.layout, self.labels, self.by_label, self.allowed = layout, labels, by_label, allowed
        self._groups: dict[str, tuple[int, ...]] = {}

    def names(self, label: str) -> tuple[Name, ...]:
        return tuple(name for name in self.by_label[label] if self.allowed(name))

    def group(self, name: Name) -> tuple[int, ...]:
        found = self._groups.get(name.text)
        if found is None:
            members = [i for label in name.labels for i in self.labels.get(label, ())]
            found = self._groups[name.text] = tuple(sorted(members))
        return found


class ExpressionBuilder:
    """Writes expressions for the objects of an image.

    One builder serves many images and threads; all chance comes from the generator given to
    `build`.
    """

    def __init__(self, vocabulary: Vocabulary, *, singular_for_all: float = 0.0) -> None:
        """Prepare a builder.

        Args:
            vocabulary: the names of the labels; a label it does not know is called by itself.
            singular_for_all: share of the phrases for all of several instances that use the bare
                singular ("dog" for two dogs), as class-name prompts of benchmarks do.
        """
        self.vocabulary = vocabulary
        self._singular = singular_for_all
        kinds = [n for n in vocabulary.names.values() if n.sort == KIND]
        self._siblings: dict[str, frozenset[str]] = {
            label: frozenset().union(*(k.labels for k in kinds if label in k.labels))
            for label in vocabulary.by_label
        }

    def build(
        self,
        objects: Sequence[SceneObject],
        hw: tuple[int, int],
        rng: np.random.Generator,
        count: int,
        absent_names: Collection[str],
        absent_rate: float,
        *,
        allowed: Collection[str] | None = None,
    ) -> list[Expression]:
        """Return at most `count` different expressions for one image.

        Args:
            objects: all labelled objects, in the frame of the (augmented) image.
            hw: the image's (height, width) in pixels.
            rng: source of all chance.
            count: how many to write; fewer come back when there is less to say.
            absent_names: names known not to be there (`Domain.absent`); one that is present
                after all, or too like one that is, is not called absent. A wider name
                ("animal") among them is used for what is there, and without it is not.
            absent_rate: share of expressions for things that are not there, 0 to 1.
            allowed: the only names to use for what is there; None: all names of the labels. Give
                `known_names` for a picture put together from several folders' photographs.
        """
        scene = self._scene(objects, hw, absent_names, allowed)
        draw = _Draw(rng)
        missing = self._missing(scene, absent_names) if absent_rate > 0 else []
        found: dict[str, Expression] = {}
        for _ in range(2 * count):
            if len(found) == count:
                break
            if draw.random() < absent_rate:
                made = self._absent(scene, draw, missing)
            else:
                made = self._present(scene, draw)
            if made is not None:
                found.setdefault(made.text, made)
        return list(found.values())

    def _scene(
        self,
        objects: Sequence[SceneObject],
        hw: tuple[int, int],
        absent_names: Collection[str],
        allowed: Collection[str] | None,
    ) -> _Scene:
        labels: dict[str, list[int]] = {}
        for i, item in enumerate(objects):
            if item.label not in self.vocabulary.unnamed:
                labels.setdefault(item.label, []).append(i)

        def is_allowed(name: Name) -> bool:
            if allowed is not None and name.text not in allowed:
                return False
            return name.sort != KIND or name.text in absent_names

        by_label = self.vocabulary.by_label
        if not by_label.keys() >= labels.keys():
            by_label = self.vocabulary.with_labels(labels).by_label
        return _Scene(Layout(objects, hw), labels, by_label, is_allowed)

    # --- what is there

    def _present(self, scene: _Scene, draw: _Draw) -> Expression | None:
        if not scene.labels:
            return None
        label = draw.one(list(scene.labels))
        names = scene.names(label)
        if not names:
            return None
        name = draw.weighted(names, [_SORT_WEIGHT[n.sort] for n in names])
        group = scene.group(name)
        case = _Case(scene.layout, name, group, draw.one(scene.labels[label]), scene, draw)
        things = all(scene.layout.objects[i].thing for i in group)
        if not things or draw.random() < (0.55 if len(group) == 1 else 0.3):
            return self._plain(case)
        return self._described(case) or self._plain(case)

    def _described(self, case: _Case) -> Expression | None:
        writers: list[tuple[_Writer, float]] = [(_relation, 1.2)]
        writers.append((_position, 1.6 if len(case.group) > 1 else 1.0))
        if len(case.group) > 1:
            writers += [(_ordinal, 0.9), (_size, 0.9), (_colour, 1.2)]
        while writers:
            pick = case.draw.weighted(range(len(writers)), [w for _, w in writers])
            made = writers.pop(pick)[0](case)
            if made is not None:
                return made
        return None

    def _plain(self, case: _Case) -> Expression | None:
        name, group, draw = case.name, case.group, case.draw
        several = len(group) > 1 or case.layout.objects[group[0]].many
        if several and name.sort == NARROW:
            return None
        if draw.random() < (0.25 if several else 0.1):
            return Expression(phrases.SEMANTIC.format(name.text), group, "semantic")
        if not several:
            one = phrases.INDEFINITE if name.plural != name.text else phrases.DEFINITE
            return Expression(draw.one(one).format(name.text), group, "name")
        if draw.random() < self._singular:
            return Expression(name.text, group, "all")
        if name.plural == name.text or draw.random() < 0.85:
            return Expression(draw.one(phrases.EVERY).format(name.plural), group, "all")
        return Expression(draw.one(phrases.EVERY_ONE).format(name.text), group, "all")

    # --- what is not there

    def _missing(self, scene: _Scene, absent_names: Collection[str]) -> list[Name]:
        close = self.vocabulary.too_close(scene.labels)
        spoken = {n.text for label in scene.labels for n in self.vocabulary.by_label.get(label, ())}
        names = map(self.vocabulary.names.get, sorted(absent_names))
        return [
            n
            for n in names
            if n is not None
            and n.sort != KIND
            and n.text not in UNSURE
            and n.text not in spoken
            and close.isdisjoint(n.labels)
        ]

    def _absent(self, scene: _Scene, draw: _Draw, missing: list[Name]) -> Expression | None:
        if draw.random() < 0.2:
            made = self._absent_colour(scene, draw)
            if made is not None:
                return made
        if not missing:
            return None
        name = draw.one(missing)
        if draw.random() < _HARD_SHARE and scene.labels:
            near = self._siblings.get(draw.one(list(scene.labels)), frozenset())
            hard = [n for n in missing if not near.isdisjoint(n.labels)]
            name = draw.one(hard) if hard else name
        return Expression(self._absent_text(scene, draw, name), (), "absent")

    def _absent_text(self, scene: _Scene, draw: _Draw, name: Name) -> str:
        roll = draw.random()
        if roll < 0.12:
            return phrases.SEMANTIC.format(name.text)
        if roll < 0.27:
            return draw.one(phrases.EVERY).format(name.plural)
        if roll < 0.65 or name.plural == name.text or not _LATERAL.isdisjoint(name.text.split()):
            one = phrases.INDEFINITE if name.plural != name.text else phrases.DEFINITE
            return draw.one(one).format(name.text)
        tables = (phrases.EDGE, phrases.SIDE, phrases.BESIDE)
        pattern = draw.one(draw.one(tables)[draw.one(_EDGES)])
        if roll < 0.75:
            pattern = draw.one((phrases.LARGEST, phrases.SMALLEST, phrases.NEAREST))[0]
        elif roll < 0.82:
            pattern = draw.one(COLOURS) + " {}"
        anchor = draw.one(list(scene.labels)) if scene.labels else "picture"
        return _definite(draw, pattern.format(name.text, anchor=anchor))

    def _absent_colour(self, scene: _Scene, draw: _Draw) -> Expression | None:
        if not scene.labels:
            return None
        label = draw.one(list(scene.labels))
        names = [n for n in scene.names(label) if n.sort in (LABEL, SAME)]
        if not names:
            return None
        name, objects = draw.one(names), scene.layout.objects
        seen = [objects[i].colour for i in scene.group(name)]
        colour = draw.one(COLOURS)
        if any(c is None or close_colours(c, colour) for c in seen) or colour == name.text:
            return None
        text = _definite(draw, f"{colour} {name.text}")
        return Expression(text, (), "absent-colour")


def _definite(draw: _Draw, core: str) -> str:
    return draw.one(phrases.DEFINITE).format(core)


def _said(case: _Case, kind: str, patterns: Sequence[str], **words: str) -> Expression:
    core = case.draw.one(patterns).format(case.name.text, **words)
    return Expression(_definite(case.draw, core), (case.target,), kind)


def _sides(case: _Case) -> list[tuple[str, ...]]:
    layout, group, i = case.layout, case.group, case.target
    found: list[tuple[str, ...]] = []
    for axis, low in _EDGES:
        alone = layout.on_side(i, axis, low) and all(
            layout.on_side(j, axis, not low) for j in group if j != i
        )
        if len(group) > 1 and layout.extreme(group, i, axis, low):
            found.append(phrases.EDGE[axis, low])
            if len(group) == 2:
                found.append(phrases.SIDE[axis, low])
        elif alone:
            found.append(phrases.SIDE[axis, low])
    return found


def _position(case: _Case) -> Expression | None:
    if case.lateral:
        return None
    found = _sides(case)
    if case.layout.in_middle(case.group, case.target):
        found.append(phrases.MIDDLE)
    if len(case.group) > 1 and case.layout.nearest(case.group, case.target):
        found.append(phrases.NEAREST)
    return _said(case, "position", case.draw.one(found)) if found else None


def _ordinal(case: _Case) -> Expression | None:
    if case.lateral:
        return None
    low = case.draw.random() < 0.5
    place = case.layout.rank(case.group, case.target, low)
    if place is None or place >= _MAX_RANK or (len(case.group) == 2 and place == 1):
        return None
    words = {"order": phrases.ORDINALS[place], "side": "left" if low else "right"}
    return _said(case, "ordinal", phrases.ORDINAL, **words)


def _size(case: _Case) -> Expression | None:
    if case.layout.largest(case.group, case.target):
        return _said(case, "size", phrases.LARGEST)
    if case.layout.smallest(case.group, case.target):
        return _said(case, "size", phrases.SMALLEST)
    return None


def _colour(case: _Case) -> Expression | None:
    colour = case.layout.objects[case.target].colour
    if colour is None or colour == case.name.text:
        return None
    same = case.layout.of_colour(case.group, colour)
    if same is None or len(same) == len(case.group):
        return None
    if len(same) == 1:
        return _said(case, "colour", phrases.COLOURED, colour=colour)
    if case.name.sort == NARROW:
        return None
    core = f"{colour} {case.name.plural}"
    return Expression(case.draw.one(phrases.EVERY).format(core), tuple(same), "colour")


def _anchors(case: _Case) -> list[tuple[int, str]]:
    scene, found = case.scene, []
    for label, members in scene.labels.items():
        name = scene.by_label[label][0]
        if len(members) != 1 or label in case.name.labels:
            continue
        x0, y0, x1, y1 = case.layout.boxes[members[0]]
        large = (x1 - x0) * (y1 - y0) >= _ANCHOR_AREA
        plain = _LATERAL.isdisjoint(label.split()) and case.layout.objects[members[0]].thing
        if large and plain and scene.allowed(name) and len(scene.group(name)) == 1:
            found.append((members[0], label))
    return found


def _relation(case: _Case) -> Expression | None:
    if case.lateral:
        return None
    anchors = _anchors(case)
    if not anchors:
        return None
    anchor, label = case.draw.one(anchors)
    axis, low = case.draw.one(_EDGES)
    choices: tuple[tuple[Sequence[str], Callable[[int], bool | None]], ...] = (
        (phrases.BESIDE[axis, low], lambda j: case.layout.beside(j, anchor, axis, low)),
        (phrases.NEXT_TO, lambda j: _next_to(case.layout, j, anchor)),
    )
    for patterns, holds in choices:
        truth = {j: holds(j) for j in case.group}
        if truth.pop(case.target) and all(t is False for t in truth.values()):
            return _said(case, "relation", patterns, anchor=label)
    return None


def _next_to(layout: Layout, i: int, anchor: int) -> bool | None:
    gap = layout.gap(i, anchor)
    return True if gap <= _NEXT_GAP else False if gap >= _APART_GAP else None
