"""Referring expressions written from labels: what a person would call the objects of an image.

Every expression is true: it names exactly its targets, by a clear margin, or (no targets) it
names something that is known not to be there. The builder works on boxes and areas only, so
expressions are written anew after every augmentation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from biprompt.data import phrases, writers
from biprompt.data.colours import COLOURS, close_colours, colour_name
from biprompt.data.layout import Layout, SceneObject
from biprompt.data.profiles import (
    UNSURE,
    DatasetProfile,
    flip_label,
    known_names,
    profile_for,
)
from biprompt.data.vocabulary import KIND, LABEL, NARROW, SAME, Name, Vocabulary
from biprompt.data.writers import EDGES, LATERAL, Case, Draw, Expression, NamedScene, definite

__all__ = [
    "DatasetProfile",
    "Expression",
    "ExpressionBuilder",
    "SceneObject",
    "colour_name",
    "flip_label",
    "known_names",
    "profile_for",
]

_SORT_WEIGHT = {LABEL: 0.58, SAME: 0.27, KIND: 0.08, NARROW: 0.07}
_HARD_SHARE = 0.5


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
            absent_names: names of which it is known whether they are in this image
                (`known_names`); those present, or too like one that is, are never called absent.
                A wider name ("animal") is used for what is there only when it is among them.
            absent_rate: share of expressions for things that are not there, 0 to 1.
            allowed: the only names to use for what is there; None: all names of the labels. Give
                `absent_names` again for a picture put together from several folders.
        """
        scene = self._scene(objects, hw, absent_names, allowed)
        draw = Draw(rng)
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
    ) -> NamedScene:
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
        return NamedScene(Layout(objects, hw), labels, by_label, is_allowed)

    # --- what is there

    def _present(self, scene: NamedScene, draw: Draw) -> Expression | None:
        if not scene.labels:
            return None
        label = draw.one(list(scene.labels))
        names = scene.names(label)
        if not names:
            return None
        name = draw.weighted(names, [_SORT_WEIGHT[n.sort] for n in names])
        group = scene.group(name)
        case = Case(scene.layout, name, group, draw.one(scene.labels[label]), scene, draw)
        things = all(scene.layout.objects[i].thing for i in group)
        if not things or draw.random() < (0.55 if len(group) == 1 else 0.3):
            return self._plain(case)
        return self._described(case) or self._plain(case)

    def _described(self, case: Case) -> Expression | None:
        choices = list(writers.OF_SEVERAL if len(case.group) > 1 else writers.OF_ONE)
        while choices:
            pick = case.draw.weighted(range(len(choices)), [w for _, w in choices])
            made = choices.pop(pick)[0](case)
            if made is not None:
                return made
        return None

    def _plain(self, case: Case) -> Expression | None:
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

    def _missing(self, scene: NamedScene, absent_names: Collection[str]) -> list[Name]:
        close = self.vocabulary.too_close(scene.labels)
        spoken = {n.text for label in scene.labels for n in self.vocabulary.by_label.get(label, ())}
        names = map(self.vocabulary.names.get, sorted(absent_names))
        return [
            n
            for n in names
            if n is not None
            and n.text not in UNSURE
            and n.text not in spoken
            and close.isdisjoint(n.labels)
        ]

    def _absent(self, scene: NamedScene, draw: Draw, missing: list[Name]) -> Expression | None:
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

    def _absent_text(self, scene: NamedScene, draw: Draw, name: Name) -> str:
        roll = draw.random()
        if roll < 0.12:
            return phrases.SEMANTIC.format(name.text)
        if roll < 0.27:
            return draw.one(phrases.EVERY).format(name.plural)
        if roll < 0.65 or name.plural == name.text or not LATERAL.isdisjoint(name.text.split()):
            one = phrases.INDEFINITE if name.plural != name.text else phrases.DEFINITE
            return draw.one(one).format(name.text)
        tables = (phrases.EDGE, phrases.SIDE, phrases.BESIDE)
        pattern = draw.one(draw.one(tables)[draw.one(EDGES)])
        if roll < 0.75:
            pattern = draw.one((phrases.LARGEST, phrases.SMALLEST, phrases.NEAREST))[0]
        elif roll < 0.82:
            pattern = draw.one(COLOURS) + " {}"
        anchor = draw.one(list(scene.labels)) if scene.labels else "picture"
        return definite(draw, pattern.format(name.text, anchor=anchor))

    def _absent_colour(self, scene: NamedScene, draw: Draw) -> Expression | None:
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
        text = definite(draw, f"{colour} {name.text}")
        return Expression(text, (), "absent-colour")
