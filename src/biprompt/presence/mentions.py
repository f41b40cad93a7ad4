"""Where a question says a concept by name, and which of them it only mentions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from biprompt.presence.domain import NONE, Domain
from biprompt.presence.plain_words import LINKS, PLAIN, RELATIONS, SIDES
from biprompt.zoo.words import split_words, word_forms

Words = tuple[str, ...]


class Mention(NamedTuple):
    """A name in a text: words `start` to `end` (exclusive) say the entry `name`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Names:
    """Every name of a domain, as words.

    Attributes:
        owners: words of a name -> the thing or group it belongs to.
        longest: words of the longest name.
        kinds: words for any thing.
        families: name -> it, its group and the members of that.
    """

    owners: Mapping[Words, str] = field(repr=False)
    longest: int
    kinds: frozenset[str]
    families: Mapping[str, frozenset[str]] = field(repr=False)

    @classmethod
    def of(cls, domain: Domain) -> Names:
        """Collect the names; a name of two concepts belongs to the first."""
        owners: dict[Words, str] = {}
        for entry in (*domain.entries, domain.none):
            for name in (entry.name, *entry.names):
                owners.setdefault(tuple(split_words(name)), entry.name)
        kinds = frozenset(word for kind in domain.kinds for word in split_words(kind))
        families = {e.name: frozenset({e.name}) for e in domain.entries}
        for group in domain.groups:
            together = frozenset({group.name, *group.members})
            families |= {name: families[name] | together for name in together}
        return cls(owners, max(map(len, owners)), kinds, families)

    def find(self, words: Sequence[str]) -> list[Mention]:
        """Return the names in `words`, the longest at each place, from left to right."""
        found, at = list[Mention](), 0
        while at < len(words):
            mention = self._at(words, at)
            if mention:
                found.append(mention)
            at = mention.end if mention else at + 1
        return found

    def _at(self, words: Sequence[str], start: int) -> Mention | None:
        for end in range(min(len(words), start + self.longest), start, -1):
            for last in word_forms(words[end - 1]):
                owner = self.owners.get((*words[start : end - 1], last))
                if owner is not None:
                    return Mention(start, end, owner)
        return None

    def context(self, words: Sequence[str]) -> frozenset[str]:
        """Return the concepts that the words mention and do not mean.

        "the organ behind the stomach": after a word for any thing, or a thing said in other words,
        a name tells where it is, unless "of", "is" or "called" alone stands between.
        """
        mentions = self.find(words)
        starts = sorted(
            [
                *(i for i, word in enumerate(words) if word in self.kinds),
                *(m.start for m in mentions),
            ]
        )
        held, after = set[str](), starts[0] + 1 if starts else 0
        for mention in mentions:
            first = mention.start == starts[0] and not self._placed(words, mention.start)
            if first or all(self._links(word) for word in words[after : mention.start]):
                held.add(mention.name)
                after = mention.end
        return frozenset(m.name for m in mentions) - held - {NONE}

    def impossible(self, words: Sequence[str]) -> frozenset[str]:
        """Return the concepts that the words cannot mean.

        These are those of `context`; and where the words begin with a name ("the kidney next to
        the gallbladder"), all that are not of its pair.
        """
        first = next(iter(self.find(words)), None)
        if first is not None and first.name in self.families and self._plain(words[: first.start]):
            return frozenset(self.families) - self.families[first.name]
        return self.context(words)

    def _placed(self, words: Sequence[str], at: int) -> bool:
        """Whether a thing was said before word `at`, which only tells its place."""
        while at and self._links(words[at - 1]):
            at -= 1
        return bool(at) and words[at - 1] in RELATIONS and not self._plain(words[: at - 1])

    def _plain(self, words: Sequence[str]) -> bool:
        return all(w in PLAIN or w in SIDES or w in self.kinds for w in words)

    def _links(self, word: str) -> bool:
        return word in LINKS or word in SIDES or word in self.kinds
