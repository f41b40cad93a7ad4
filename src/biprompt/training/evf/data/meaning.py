"""Which labels the words of a phrase may call, and which labels are easily confused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from biprompt.data.profiles import UNSURE
from biprompt.data.vocabulary import KIND, Vocabulary

Labels = frozenset[str]

_WORD = re.compile(r"[\w'-]+")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a picture without opening it.

    Attributes:
        present: labels that are in it.
        searched: labels of which all are marked: one that is not present is not there.
    """

    present: Labels
    searched: Labels


class Meanings:
    """The names of a vocabulary, looked up in phrases."""

    def __init__(self, vocabulary: Vocabulary, own: Iterable[str] = ()) -> None:
        """Prepare the look-up.

        Args:
            vocabulary: with all labels of the data, see `Vocabulary.with_labels`.
            own: the labels of the data. Where one of them goes by a name, labels that only other
                data sets know by it ("pedestrian" beside "person") are not meant.
        """
        mine = frozenset(own)
        self._vocabulary = vocabulary
        self._called: dict[str, Labels] = {}
        for name in vocabulary.names.values():
            labels = name.labels if name.sort == KIND else name.labels & mine or name.labels
            for text in (name.text, name.plural):
                self._called[text] = self._called.get(text, frozenset()) | labels
        self._longest = max((text.count(" ") + 1 for text in self._called), default=0)
        self._kinds = [n.labels for n in vocabulary.names.values() if n.sort == KIND]

    def of(self, phrase: str) -> Labels | None:
        """Return every label that some words of a phrase may call ("guy": person).

        None where a word is too wide for its labels to be all that it means ("food").
        """
        words = _WORD.findall(phrase.lower())
        found: set[str] = set()
        for start in range(len(words)):
            for end in range(start + 1, min(start + self._longest, len(words)) + 1):
                text = " ".join(words[start:end])
                if text in UNSURE:
                    return None
                found |= self._called.get(text, frozenset())
        return frozenset(found)

    def siblings(self, labels: Iterable[str]) -> Labels:
        """Return the labels of the kinds that some labels belong to (other animals for a dog)."""
        mine = frozenset(labels)
        return frozenset().union(*(kind for kind in self._kinds if kind & mine)) - mine

    def is_absent(self, labels: Labels, facts: Facts) -> bool:
        """Return whether none of some labels, nor one too like them, is in a picture for sure."""
        close = self._vocabulary.too_close(facts.present)
        return labels <= facts.searched and labels.isdisjoint(close)
