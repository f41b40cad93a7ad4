"""Few-shot episodes that depend on nothing but the seed and their place.

Queries and examples of a fold come from one list, as in HSNet (Min et al., 2021), whose folders
and lists later papers share. Unlike there, the examples of an episode are different images, and
no global random state takes part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, overload

import numpy as np

from biprompt.data.samples import EpisodeSample, Shot
from biprompt.errors import DataError

FOLDS = ("fold0", "fold1", "fold2", "fold3")
EPISODES = 1000
"""How many episodes HSNet and those after it evaluate in a fold."""


class Shots(Protocol):
    """A data set as few-shot protocols see it: an image and where a class is in it."""

    def shot(self, name: str, class_id: int) -> Shot:
        """Return an image of the data set with the mask of one class."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Episodes(Sequence[EpisodeSample]):
    """The episodes of a fold; each is drawn when it is asked for.

    Attributes:
        source: makes shots.
        queries: (image name, class index) of every episode, in order.
        by_class: the names of all images that show a class.
        labels: the classes' names.
        fold: which fold they belong to.
        shots: examples in each episode.
        seed: fixes the examples; the episode at one place is the same however many are drawn.
        fewer: of a class with too few other images take those there are, at least one.
    """

    source: Shots
    queries: tuple[tuple[str, int], ...]
    by_class: Mapping[int, tuple[str, ...]]
    labels: tuple[str, ...]
    fold: int
    shots: int
    seed: int
    fewer: bool = False

    def __len__(self) -> int:
        return len(self.queries)

    @overload
    def __getitem__(self, index: int) -> EpisodeSample: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[EpisodeSample]: ...

    def __getitem__(self, index: int | slice) -> EpisodeSample | Sequence[EpisodeSample]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        place = range(len(self))[index]
        name, class_id = self.queries[place]
        return EpisodeSample(
            query=self.source.shot(name, class_id),
            supports=tuple(self.source.shot(n, class_id) for n in self._examples(place)),
            label=self.labels[class_id],
            class_id=class_id,
            fold=self.fold,
        )

    def _examples(self, place: int) -> list[str]:
        """Draw the examples: no image twice, and never the query's."""
        name, class_id = self.queries[place]
        others = [other for other in self.by_class[class_id] if other != name]
        least, count = 1 if self.fewer else self.shots, min(self.shots, len(others))
        if len(others) < least:
            expected = f"at least {least} other images of {self.labels[class_id]}"
            raise DataError("few-shot class", expected=expected, actual=len(others))
        random = np.random.default_rng((self.seed, place))
        return [others[i] for i in random.choice(len(others), count, replace=False)]


def fold_of(split: str) -> int:
    """Return the number of a fold's name: 2 for "fold2"."""
    return int(split.removeprefix("fold"))


def grouped(pairs: Iterable[tuple[str, int]]) -> dict[int, tuple[str, ...]]:
    """Return the names of each class's images."""
    by_class: dict[int, list[str]] = defaultdict(list)
    for name, class_id in pairs:
        by_class[class_id].append(name)
    return {class_id: tuple(names) for class_id, names in by_class.items()}
