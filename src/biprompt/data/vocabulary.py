"""What the labels are called: names, plurals, kinds, and which labels look alike.

The facts are in ``vocabulary.toml`` beside this file. A `Name` stands for a set of labels: the
name "dog" for the label dog, "bag" for several labels, "animal" for every label of that kind.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

LABEL, SAME, NARROW, KIND = "label", "same", "narrow", "kind"
_RANK = {LABEL: 0, SAME: 1, KIND: 2, NARROW: 3}
_SIBILANT = re.compile(r"(s|x|z|ch|sh)$")
_CONSONANT_Y = re.compile(r"[^aeiou]y$")


def plural_of(name: str) -> str:
    """Return the regular English plural of a noun phrase ("wine glass" -> "wine glasses")."""
    if _SIBILANT.search(name):
        return name + "es"
    if _CONSONANT_Y.search(name):
        return name[:-1] + "ies"
    return name + "s"


@dataclass(frozen=True, slots=True)
class Name:
    """One way to call some labels.

    Attributes:
        text: the name in the singular.
        plural: the name in the plural; equal to `text` for mass nouns and plural-only nouns.
        labels: the labels it stands for.
        sort: "label", "same" (a synonym), "narrow" (a sort of it) or "kind" (a wider name).
    """

    text: str
    plural: str
    labels: frozenset[str]
    sort: str


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Every known name, by text and by label.

    Attributes:
        names: name text -> `Name`.
        by_label: label -> the names that may call it, the label itself first.
        alike: label -> labels so alike that one being there makes the other's absence uncertain.
        unnamed: labels that name nothing ("region").
        near: word -> words that mean about the same; used by the word table only.
        more: further words for visible things; used by the word table only.
    """

    names: Mapping[str, Name]
    by_label: Mapping[str, tuple[Name, ...]]
    alike: Mapping[str, frozenset[str]]
    unnamed: frozenset[str]
    near: Mapping[str, tuple[str, ...]]
    more: tuple[str, ...]

    def with_labels(self, labels: Iterable[str]) -> Vocabulary:
        """Return a vocabulary that also knows `labels` (a user's own), each by its plain name."""
        fresh = [
            n for n in labels if n not in self.by_label and n not in self.unnamed and n.strip()
        ]
        if not fresh:
            return self
        names, by_label = dict(self.names), dict(self.by_label)
        for label in fresh:
            made = Name(label, plural_of(label), frozenset([label]), LABEL)
            names[label] = made
            by_label[label] = (made,)
        return Vocabulary(names, by_label, self.alike, self.unnamed, self.near, self.more)

    def too_close(self, present: Iterable[str]) -> frozenset[str]:
        """Return the labels that cannot be called absent when the labels `present` are there."""
        labels = frozenset(present)
        return labels.union(*(self.alike.get(label, ()) for label in labels))

    def words(self) -> frozenset[str]:
        """Return every word of every name and plural, as written."""
        texts = [t for name in self.names.values() for t in (name.text, name.plural)]
        texts += [t for key, group in self.near.items() for t in (key, *group)] + [*self.more]
        return frozenset(word for text in texts for word in text.split())

    def head_words(self) -> frozenset[str]:
        """Return the words that mean a trained thing by themselves.

        These are the last word of every label ("glass" of "wine glass") and the synonyms of one
        word; `WordTable.understood` compares a phrase with their vectors.
        """
        heads = {name.text.split()[-1] for name in self.names.values() if name.sort == LABEL}
        same = {name.text for name in self.names.values() if name.sort == SAME}
        return frozenset(heads | {text for text in same if " " not in text})


def _names_of(label: str, entry: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    plural = entry.get("plural", plural_of(label))
    rows = [(label, plural, LABEL)]
    for sort in (SAME, NARROW):
        for text in entry.get(sort, ()):
            fixed = plural == label or text in _PLURAL_ONLY
            rows.append((text, text if fixed else plural_of(text), sort))
    return rows


_PLURAL_ONLY = frozenset({"cattle", "plants", "trees", "grass", "bushes"})
_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "calf": "calves", "ox": "oxen",
              "foot": "feet", "person": "people", "goose": "geese", "person walking":
              "people walking", "passer by": "passers by", "mouse": "mice", "computer mouse":
              "computer mice", "blade": "blades"}  # fmt: skip


def _collect(data: Mapping[str, Any]) -> tuple[dict[str, Name], dict[str, tuple[Name, ...]]]:
    labels: dict[str, set[str]] = {}
    facts: dict[str, tuple[str, str]] = {}
    order: dict[str, list[str]] = {label: [] for label in data["labels"]}

    def add(text: str, plural: str, sort: str, label: str) -> None:
        labels.setdefault(text, set()).add(label)
        order[label].append(text)
        known = facts.get(text)
        if known is None or _RANK[sort] < _RANK[known[1]]:
            facts[text] = (_IRREGULAR.get(text, plural), sort)

    for label, entry in data["labels"].items():
        for text, plural, sort in _names_of(label, entry):
            add(text, plural, sort, label)
        for kind in entry.get("kinds", ()):
            add(kind, data["kinds"][kind], KIND, label)
    names = {t: Name(t, facts[t][0], frozenset(labels[t]), facts[t][1]) for t in labels}
    return names, {label: tuple(names[t] for t in texts) for label, texts in order.items()}


def _alike(groups: Iterable[Iterable[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in groups:
        members = set(group)
        for label in members:
            found.setdefault(label, set()).update(members - {label})
    return {label: frozenset(others) for label, others in found.items()}


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary of the training folders (read once, then shared)."""
    text = (Path(__file__).parent / "vocabulary.toml").read_text("utf-8")
    data = tomllib.loads(text)
    names, by_label = _collect(data)
    return Vocabulary(
        MappingProxyType(names),
        MappingProxyType(by_label),
        MappingProxyType(_alike(data["alike"]["groups"])),
        frozenset(data["unnamed"]["labels"]),
        MappingProxyType({key: tuple(group) for key, group in data["near"].items()}),
        tuple(data["more"]["words"].split()),
    )
