"""Domains: which things there are to ask for, described in words. Frozen values from TOML."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from biprompt.errors import DataError
from biprompt.presence.operating import DEFAULT, Operating

FOLDER = Path(__file__).parent / "domains"
NONE = "none of them"


@dataclass(frozen=True)
class Concept:
    """A thing, or a group of things, and what is said of it.

    Attributes:
        name: what it is called, and what a model that reads words is asked for.
        names: other names: synonyms, Latin, everyday words, adjectives.
        about: short descriptions: function, position, disease, looks.
        side: "left" or "right" for one of a pair, else empty.
        members: names of the things of a group; empty for a thing.
    """

    name: str
    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    side: str = ""
    members: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is said of it; each text becomes one feature."""
        return (self.name, *self.names, *self.about)

    @property
    def things(self) -> tuple[str, ...]:
        """The things that it stands for."""
        return self.members or (self.name,)


@dataclass(frozen=True)
class Domain:
    """A closed list of things to ask for.

    Attributes:
        name: "organs", or the stem of the file it was read from.
        title: for people.
        language: of the descriptions; "en".
        notice: what a user has to know, may be empty.
        kinds: words for any of the things ("organ"), which do not tell which.
        concepts: the things, in the order of the file.
        groups: things asked for together ("kidneys").
        none: what stands for everything else, "none of them".
        operating: how similarities become a probability, and from where on a question is taken.
        source: the text of the file.
    """

    name: str
    title: str
    language: str
    notice: str
    kinds: tuple[str, ...]
    concepts: tuple[Concept, ...]
    groups: tuple[Concept, ...] = ()
    none: Concept = field(default_factory=lambda: Concept(NONE))
    operating: Operating = DEFAULT
    source: str = field(default="", repr=False)

    @cached_property
    def entries(self) -> tuple[Concept, ...]:
        """Things and groups: all that a question may mean."""
        return (*self.concepts, *self.groups)

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The names of the things, in order."""
        return tuple(concept.name for concept in self.concepts)

    def entry(self, name: str) -> Concept:
        """Return the thing or group of that name; KeyError when there is none."""
        return next(e for e in (*self.entries, self.none) if e.name == name)

    def sided(self, entry: Concept, side: str) -> Concept | None:
        """Return the member of `entry`'s pair on that side; None when it is no pair."""
        pair = next((g for g in self.groups if entry.name in (g.name, *g.members)), None)
        if pair is None:
            return None
        return next((c for c in self.concepts if c.name in pair.members and c.side == side), None)

    def in_order(self, things: set[str]) -> tuple[str, ...]:
        """Return those things in the order of the domain."""
        return tuple(name for name in self.things if name in things)


def domain_names() -> tuple[str, ...]:
    """Return the domains that come with the package."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load_domain(name: str | os.PathLike[str]) -> Domain:
    """Read a domain of the package by name, or a file of one's own (docs/questions.md).

    Raises:
        DataError: there is no such domain, or the file is not one; the line says where and why.
    """
    from biprompt.presence.domain_file import parse_domain

    text = os.fspath(name)
    own = text.endswith(".toml") or os.sep in text
    if not own and text not in domain_names():
        expected = f"{', '.join(domain_names())}, or a .toml file"
        raise DataError("domain", expected=expected, actual=text)
    path = Path(text) if own else FOLDER / f"{text}.toml"
    try:
        source = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        actual = "nothing there" if isinstance(error, FileNotFoundError) else error
        raise DataError("domain", expected="a UTF-8 text", actual=actual, path=path) from error
    return parse_domain(path.stem, source, path)
