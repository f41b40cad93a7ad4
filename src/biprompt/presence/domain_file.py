"""A domain's TOML file: read strictly, every mistake is one line that says where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, NoReturn

from biprompt.errors import DataError
from biprompt.presence.domain import NONE, Concept, Domain
from biprompt.presence.operating import DEFAULT, Operating
from biprompt.zoo.words import split_words

LANGUAGE = "en"
MAX_TEXTS = 20_000
_TOP = {"title", "language", "notice", "kinds", "concept", "group", "none", "operating"}
_CONCEPT = {"name", "names", "about", "side"}
_GROUP = {"name", "names", "about", "members"}
_NONE = {"names", "about"}
_NUMBERS = ("slope", "offset", "floor", "threshold")
_SIDES = ("left", "right")


def parse_domain(name: str, source: str, path: str | PathLike[str]) -> Domain:
    """Read a domain from the text of its file.

    Raises:
        DataError: it is not TOML, a key is missing, unknown or of the wrong kind, a name is there
            twice, or a group has a member that is no concept.
    """
    return _File(path).domain(name, source)


@dataclass(frozen=True)
class _File:
    path: str | PathLike[str]

    def domain(self, name: str, source: str) -> Domain:
        try:
            read = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            self.wrong("domain", "a TOML file", error)
        self.keys("domain", read, _TOP, {"title", "concept"})
        if read.get("language", LANGUAGE) != LANGUAGE:
            self.wrong("language", f'"{LANGUAGE}", the only one that is read', read["language"])
        concepts = tuple(
            self.concept(f"concept {i}", each, _CONCEPT)
            for i, each in enumerate(self.tables("concept", read["concept"]), 1)
        )
        groups = tuple(
            self.concept(f"group {i}", each, _GROUP)
            for i, each in enumerate(self.tables("group", read.get("group", [])), 1)
        )
        none = self.table("none", read.get("none", {}))
        self.keys("none", none, _NONE, set())
        domain = Domain(
            name,
            self.text("title", read["title"]),
            LANGUAGE,
            self.text("notice", read.get("notice", ""), empty=True),
            self.texts("kinds", read.get("kinds", [])),
            concepts,
            groups,
            self.concept("none", {"name": NONE, **none}, _CONCEPT),
            self.operating(self.table("operating", read.get("operating", {}))),
            source,
        )
        self.check(domain)
        return domain

    def concept(self, where: str, read: Mapping[str, Any], known: set[str]) -> Concept:
        self.keys(where, read, known, {"name", "members"} & known)
        side = self.text(f"{where}: side", read.get("side", ""), empty=True)
        if side and side not in _SIDES:
            self.wrong(f"{where}: side", " or ".join(_SIDES), side)
        return Concept(
            self.text(f"{where}: name", read["name"]),
            self.texts(f"{where}: names", read.get("names", [])),
            self.texts(f"{where}: about", read.get("about", [])),
            side,
            self.texts(f"{where}: members", read.get("members", [])),
        )

    def operating(self, read: Mapping[str, Any]) -> Operating:
        if not read:
            return DEFAULT
        self.keys("operating", read, {*_NUMBERS, "bank", "measured"}, set(_NUMBERS))
        slope, offset, floor, threshold = (
            self.number(f"operating: {key}", read[key]) for key in _NUMBERS
        )
        if not 0 < threshold < 1:
            self.wrong("operating: threshold", "between 0 and 1", threshold)
        measured = self.table("measured", read.get("measured", {}))
        shares = tuple((k, self.number(f"measured: {k}", v)) for k, v in measured.items())
        bank = self.text("operating: bank", read.get("bank", ""), empty=True)
        return Operating(slope, offset, floor, threshold, bank, shares)

    def check(self, domain: Domain) -> None:
        if not domain.concepts:
            self.wrong("concept", "at least one", "none")
        seen = set[str]()
        for entry in (*domain.entries, domain.none):
            if entry.name.casefold() in seen:
                self.wrong("name", "every name once", f"{entry.name!r} again")
            seen.add(entry.name.casefold())
            for text in entry.texts:
                if not split_words(text):
                    self.wrong(f"{entry.name}", "texts with a word in them", repr(text))
        for group in domain.groups:
            for member in group.members:
                if member not in domain.things:
                    expected = f"one of {', '.join(domain.things)}"
                    self.wrong(f"group {group.name}: member", expected, member)
        texts = sum(len(entry.texts) for entry in (*domain.entries, domain.none))
        if texts > MAX_TEXTS:
            self.wrong("descriptions", f"at most {MAX_TEXTS}", texts)

    def keys(self, where: str, read: Mapping[str, Any], known: set[str], needed: set[str]) -> None:
        for key in read:
            if key not in known:
                self.wrong(f"{where}: key", f"one of {', '.join(sorted(known))}", key)
        for key in sorted(needed - read.keys()):
            self.wrong(f"{where}: {key}", "to be there", "nothing")

    def text(self, where: str, value: Any, *, empty: bool = False) -> str:
        if not isinstance(value, str) or not (empty or value.strip()):
            self.wrong(where, "a text", repr(value))
        return value

    def texts(self, where: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list):
            self.wrong(where, "a list of texts", repr(value))
        return tuple(self.text(where, each) for each in value)

    def number(self, where: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e6:
            self.wrong(where, "a number", repr(value))
        return float(value)

    def table(self, where: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.wrong(where, "a table", repr(value))
        return value

    def tables(self, where: str, value: Any) -> Sequence[Mapping[str, Any]]:
        if not isinstance(value, list):
            self.wrong(where, f"tables [[{where}]]", repr(value))
        return [self.table(where, each) for each in value]

    def wrong(self, where: str, expected: str, actual: object) -> NoReturn:
        raise DataError(where, expected=expected, actual=actual, path=self.path)
