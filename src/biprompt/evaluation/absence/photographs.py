"""What every photograph is asked for, and where each of it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import Picture
from biprompt.data.samples import ReferringSample, SemanticSample
from biprompt.evaluation.absence.words import WORD_LISTS


class Question(NamedTuple):
    """One thing to ask a photograph for.

    Attributes:
        name: a class or a sentence.
        there: whether it is in the photograph.
        truth: (H, W) bool where it is; None where nothing is, or nothing is known.
        ref: the reference that a sentence belongs to, empty for a class.
    """

    name: str
    there: bool
    truth: BoolMask | None
    ref: str = ""


class Photograph(Protocol):
    """A photograph and all its questions; small, as it travels to other processes."""

    @property
    def key(self) -> str:
        """Its name in records."""
        ...

    @property
    def picture(self) -> Picture:
        """Its pixels."""
        ...

    @property
    def words(self) -> str:
        """Name of the list of words it is asked for, empty where the truth is known."""
        ...

    def questions(self) -> Iterator[Question]:
        """Yield everything to ask, always in the same order; masks are decoded."""
        ...

    def ignored(self) -> BoolMask | None:
        """Return (H, W) bool pixels that do not count, None where all do."""
        ...


@dataclass(frozen=True, slots=True)
class Labelled:
    """A photograph that is asked for every class of its set but the background.

    Attributes:
        sample: the photograph and where its classes are.
        words: empty.
    """

    sample: SemanticSample
    words: str = ""

    @property
    def key(self) -> str:
        """The photograph's number or name in its set."""
        return str(self.sample.image_id)

    @property
    def picture(self) -> Picture:
        """The photograph."""
        return self.sample.picture

    def questions(self) -> Iterator[Question]:
        """Yield the classes in the order of the set."""
        found = dict(self.sample.regions())
        for index, name in enumerate(self.sample.classes):
            if index != self.sample.background:
                yield Question(name, index in found, found.get(index))

    def ignored(self) -> BoolMask | None:
        """Return where the set does not say what is there."""
        return self.sample.ignore_mask()


@dataclass(frozen=True, slots=True)
class Described:
    """A photograph that is asked with every sentence written for it.

    Attributes:
        samples: its references, at least one.
        words: empty.
    """

    samples: tuple[ReferringSample, ...]
    words: str = ""

    @property
    def key(self) -> str:
        """The photograph's number or name in its set."""
        return str(self.samples[0].image_id)

    @property
    def picture(self) -> Picture:
        """The photograph."""
        return self.samples[0].picture

    def questions(self) -> Iterator[Question]:
        """Yield the sentences, reference by reference."""
        for sample in self.samples:
            truth = None if sample.no_target else sample.mask()
            for sentence in sample.sentences:
                yield Question(sentence, not sample.no_target, truth, str(sample.ref_id))

    def ignored(self) -> BoolMask | None:
        """Return None: a sentence's own pixels to leave out have no part in what is absent."""
        return None


@dataclass(frozen=True, slots=True)
class WordList:
    """A photograph that is asked for words of which only the understanding counts.

    Understanding hangs on the words and not on the photograph, so one is asked.

    Attributes:
        words: name of the list, one of WORD_LISTS.
        picture: the photograph.
    """

    words: str
    picture: Picture

    @property
    def key(self) -> str:
        """The name of the list, said as such: no photograph is called so."""
        return f"words: {self.words}"

    def questions(self) -> Iterator[Question]:
        """Yield the words of the list."""
        for word in WORD_LISTS[self.words]:
            yield Question(word, False, None)

    def ignored(self) -> BoolMask | None:
        """Return None."""
        return None
