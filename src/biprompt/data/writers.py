"""What can truly be said of one object under one name: position, order, size, colour, relation.

Each writer returns an expression, or None when nothing of its sort is clear.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from biprompt.data import phrases
from biprompt.data.layout import Layout
from biprompt.data.vocabulary import NARROW, Name

LATERAL = frozenset({"left", "right"})
EDGES = ((0, True), (0, False), (1, True), (1, False))
_MAX_RANK = len(phrases.ORDINALS)
_ANCHOR_AREA = 0.004
_NEXT_GAP, _APART_GAP = 0.03, 0.12

_T = TypeVar("_T")
Allowed = Callable[[Name], bool]
Writer = Callable[["Case"], "Expression | None"]


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
class Case:
    """One object under one name: what a phrase writer gets."""

    layout: Layout
    name: Name
    group: tuple[int, ...]
    target: int
    scene: NamedScene
    draw: Draw

    @property
    def lateral(self) -> bool:
        """Whether the labels carry the thing's own left and right, so that the image's mislead."""
        return any(not LATERAL.isdisjoint(self.layout.objects[i].label.split()) for i in self.group)


class Draw:
    """Cheap random draws (a Generator's own `choice` costs more than the rest of a phrase)."""

    __slots__ = ("random",)

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw from `rng`."""
        self.random = rng.random

    def below(self, n: int) -> int:
        """Return an integer from 0 to n - 1."""
        return min(int(self.random() * n), n - 1)

    def one(self, items: Sequence[_T]) -> _T:
        """Return one of `items`, all equally likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[_T], weights: Sequence[float]) -> _T:
        """Return one of `items` with the chances of `weights`, which need not sum to 1."""
        left = self.random() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            left -= weight
            if left <= 0:
                return item
        return items[-1]


class NamedScene:
    """One image's objects by label and by name."""

    __slots__ = ("_groups", "allowed", "by_label", "labels", "layout")

    def __init__(
        self,
        layout: Layout,
        labels: dict[str, list[int]],
        by_label: Mapping[str, tuple[Name, ...]],
        allowed: Allowed,
    ) -> None:
        """Take the objects of `layout` by label, and the rule which names may be used."""
        self.layout, self.labels, self.by_label, self.allowed = layout, labels, by_label, allowed
        self._groups: dict[str, tuple[int, ...]] = {}

    def names(self, label: str) -> tuple[Name, ...]:
        """Return the names that may call `label` here."""
        return tuple(name for name in self.by_label[label] if self.allowed(name))

    def group(self, name: Name) -> tuple[int, ...]:
        """Return the indices of all objects that `name` calls, in order."""
        found = self._groups.get(name.text)
        if found is None:
            members = [i for label in name.labels for i in self.labels.get(label, ())]
            found = self._groups[name.text] = tuple(sorted(members))
        return found


def definite(draw: Draw, core: str) -> str:
    """Put `core` ("left dog") into the words of somebody who means one thing."""
    return draw.one(phrases.DEFINITE).format(core)


def _said(case: Case, kind: str, patterns: Sequence[str], **words: str) -> Expression:
    core = case.draw.one(patterns).format(case.name.text, **words)
    return Expression(definite(case.draw, core), (case.target,), kind)


def _sides(case: Case) -> list[tuple[str, ...]]:
    layout, group, i = case.layout, case.group, case.target
    found: list[tuple[str, ...]] = []
    for axis, low in EDGES:
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


def position(case: Case) -> Expression | None:
    """Say where the target lies among its kind, or in the image when it is the only one."""
    if case.lateral:
        return None
    found = _sides(case)
    if case.layout.in_middle(case.group, case.target):
        found.append(phrases.MIDDLE)
    if len(case.group) > 1 and case.layout.nearest(case.group, case.target):
        found.append(phrases.NEAREST)
    return _said(case, "position", case.draw.one(found)) if found else None


def ordinal(case: Case) -> Expression | None:
    """Count to the target from the left or the right."""
    if case.lateral:
        return None
    low = case.draw.random() < 0.5
    place = case.layout.rank(case.group, case.target, low)
    if place is None or place >= _MAX_RANK or (len(case.group) == 2 and place == 1):
        return None
    words = {"order": phrases.ORDINALS[place], "side": "left" if low else "right"}
    return _said(case, "ordinal", phrases.ORDINAL, **words)


def size(case: Case) -> Expression | None:
    """Call the target the biggest or smallest of its kind."""
    if case.layout.largest(case.group, case.target):
        return _said(case, "size", phrases.LARGEST)
    if case.layout.smallest(case.group, case.target):
        return _said(case, "size", phrases.SMALLEST)
    return None


def colour(case: Case) -> Expression | None:
    """Tell the target, or all that look like it, from others of its kind by colour."""
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


def _anchors(case: Case) -> list[tuple[int, str]]:
    scene, found = case.scene, []
    for label, members in scene.labels.items():
        name = scene.by_label[label][0]
        if len(members) != 1 or label in case.name.labels:
            continue
        x0, y0, x1, y1 = case.layout.boxes[members[0]]
        large = (x1 - x0) * (y1 - y0) >= _ANCHOR_AREA
        plain = LATERAL.isdisjoint(label.split()) and case.layout.objects[members[0]].thing
        if large and plain and scene.allowed(name) and len(scene.group(name)) == 1:
            found.append((members[0], label))
    return found


def relation(case: Case) -> Expression | None:
    """Say where the target lies from the only thing of another kind."""
    if case.lateral:
        return None
    anchors = _anchors(case)
    if not anchors:
        return None
    anchor, label = case.draw.one(anchors)
    axis, low = case.draw.one(EDGES)
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


OF_ONE: tuple[tuple[Writer, float], ...] = ((relation, 1.2), (position, 1.0))
"""What may be said of the only one of its kind, each with its weight."""
OF_SEVERAL: tuple[tuple[Writer, float], ...] = (
    (relation, 1.2),
    (position, 1.6),
    (ordinal, 0.9),
    (size, 0.9),
    (colour, 1.2),
)
"""What may be said of one of several, each with its weight."""
