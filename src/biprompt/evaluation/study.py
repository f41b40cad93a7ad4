"""What a protocol is: whom to ask what, what to keep of it, and what it amounts to.

`biprompt.evaluation.run` does the rest for every protocol alike: records on disk, resuming,
processes, baselines, reports.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from biprompt.data.pictures import Picture
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.records import Record

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R", bound=Record)

PictureTask = tuple[Picture, tuple[S, ...]]
"""A picture and what is to be asked about it: it is looked at once."""


class Study(ABC, Generic[T, R]):
    """One protocol on one data set; a frozen, picklable dataclass.

    Attributes:
        protocol: its name, as `biprompt evaluate` lists it.
        record: the frozen dataclass of plain JSON values that one measurement leaves.
        data: what is measured on.
    """

    protocol: ClassVar[str]
    record: ClassVar[type[Any]]
    data: DataFacts

    @property
    def variant(self) -> str:
        """What sets its reports apart from others on the same data, empty for nothing."""
        return ""

    @abstractmethod
    def settings(self, contender: Contender) -> Mapping[str, Any]:
        """Return what else the records of a contender hang on, as JSON values."""

    @abstractmethod
    def wanted(self) -> Sequence[str]:
        """Return the keys of all records there will be."""

    @abstractmethod
    def tasks(self, done: Container[str]) -> Sequence[T]:
        """Return what is left to do, in a fixed order; a task is what one process does at once.

        Args:
            done: keys of records that are there already.
        """

    @abstractmethod
    def measure(self, contender: Contender, task: T) -> Iterable[R]:
        """Ask a model; runs in any process and hangs on nothing but its arguments."""

    @abstractmethod
    def summarize(self, runs: Sequence[R]) -> dict[str, Any]:
        """Return the reported numbers as plain JSON values.

        Args:
            runs: all records of one contender, sorted by key.
        """

    @abstractmethod
    def page(self, report: Mapping[str, Any]) -> Page:
        """Return the report for a person.

        Args:
            report: what `biprompt.evaluation.run.evaluate` writes as JSON: `protocol`, `run`,
                `data`, `settings`, and `results` by contender, the judged one first.
        """

    def baselines(self) -> Sequence[Contender]:
        """Return who is measured in the same run, so that the numbers mean something."""
        return ()

    def timing(self, contender: Contender) -> Mapping[str, float]:
        """Return seconds by what they are of; measured anew by every run, kept in no record."""
        return {}

    def gallery(self, contender: Contender, runs: Sequence[R]) -> Sequence[Gallery]:
        """Return cases to look at: best, median, worst; each is asked once more."""
        return ()


def by_picture(
    samples: Iterable[S],
    picture: Callable[[S], Picture],
    key: Callable[[S], str],
    done: Container[str],
) -> list[PictureTask[S]]:
    """Group samples by their picture, in the order in which pictures first appear.

    Pictures without anything to do are left out, so that none is looked at in vain.

    Args:
        samples: what to measure on.
        picture: of a sample.
        key: of a sample's record.
        done: keys of finished records.
    """
    grouped: dict[Picture, list[S]] = {}
    for sample in samples:
        if key(sample) not in done:
            grouped.setdefault(picture(sample), []).append(sample)
    return [(each, tuple(found)) for each, found in grouped.items()]


def look(contender: Contender, picture: Picture) -> Any:
    """Let a model look at a picture; what comes back is handed to its `segment`."""
    source = picture.path if picture.crop is None else picture.load().pixels
    return contender.model.embed(source)


def middle_and_ends(
    runs: Sequence[S], score: Callable[[S], float], count: int = 4
) -> dict[str, list[S]]:
    """Return the best, the median and the worst records, `count` each at most, without doubles.

    Args:
        runs: records, or parts of them.
        score: higher is better; equal ones keep their order.
        count: how many of each.
    """
    ordered = sorted(runs, key=score, reverse=True)
    places = {
        "best": range(count),
        "median": range(start := max(0, (len(ordered) - count) // 2), start + count),
        "worst": range(len(ordered) - count, len(ordered)),
    }
    seen: set[int] = set()
    found: dict[str, list[S]] = {}
    for name, wanted in places.items():
        fresh = [place for place in wanted if 0 <= place < len(ordered) and place not in seen]
        seen.update(fresh)
        found[name] = [ordered[place] for place in fresh]
    return found
