"""Which slices, organs and questions become pairs. Pure functions of labels, bank and seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from biprompt.errors import DataError
from biprompt.presence.bank import Question
from biprompt.training.organ_seg.pairs import ABSENT, OFF_TOPIC, PRESENT, TEST, TRAIN, Pair

TEST_SHARE = 0.2
"""The paper: 80 % of the data for training and 20 % for testing. Here whole volumes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How pairs are chosen.

    Attributes:
        seed: of all chance.
        per_organ: slices of each organ at most, over both splits (the paper: 500 by hand).
        pixels: an organ counts as shown from so many pixels on; as absent only at none.
        absent: share of the pairs that ask for an organ that is not on the slice.
        off_topic: share of the pairs that ask for no organ. The paper has "none of them" as a
            class and does not say how many pairs have it.
    """

    seed: int = 0
    per_organ: int = 500
    pixels: int = 50
    absent: float = 0.2
    off_topic: float = 0.1

    def __post_init__(self) -> None:
        """Check the numbers."""
        shares = (self.absent, self.off_topic)
        if min(shares) < 0 or sum(shares) >= 1:
            actual = f"{self.absent:g} and {self.off_topic:g}"
            raise DataError("false premises", expected="shares below 1 together", actual=actual)
        if self.per_organ < 1 or self.pixels < 1:
            actual = f"{self.per_organ} and {self.pixels}"
            raise DataError("slices and pixels", expected="at least 1", actual=actual)


@dataclass(frozen=True, slots=True)
class Shown:
    """A slice, by its labels.

    Attributes:
        volume: its volume's name.
        index: its place, from the feet.
        areas: pixels of every organ that is on it, by name.
    """

    volume: str
    index: int
    areas: Mapping[str, int] = field(hash=False)

    @property
    def name(self) -> str:
        """Unique in a data set; also the stem of its files."""
        return f"{self.volume}_{self.index:04d}"


def split_volumes(names: Sequence[str], seed: int) -> dict[str, str]:
    """Give every volume to TRAIN or TEST, a fifth of them to TEST; of two or more at least one.

    The order is that of SHA-256 of seed and name, so it does not hang on how files are listed.
    """
    ordered = sorted(names, key=lambda name: hashlib.sha256(f"{seed}/{name}".encode()).digest())
    count = max(int(len(names) > 1), round(TEST_SHARE * len(names)))
    return {name: TEST if place < count else TRAIN for place, name in enumerate(ordered)}


def choose_pairs(
    slices: Sequence[Shown], classes: Sequence[str], bank: Iterable[Question], plan: Plan
) -> list[Pair]:
    """Return the pairs of some slices, in an order that does not matter to training.

    Questions of TRAIN are those of the bank that are free to tune on; questions of TEST are those
    that are held back. Questions that mean several organs are left out: a pair has one answer.

    Raises:
        DataError: the bank has no question for an organ, or there is no slice with an organ.
    """
    splits = split_volumes(sorted({each.volume for each in slices}), plan.seed)
    bank = list(bank)
    found: list[Pair] = []
    for split, held_back in ((TRAIN, False), (TEST, True)):
        asking = _Asking.of([q for q in bank if q.held_back == held_back], classes, plan.seed)
        mine = [each for each in slices if splits[each.volume] == split]
        found += _of_split(split, mine, classes, asking, plan)
    if not any(pair.kind == PRESENT for pair in found):
        expected = f"a slice on which an organ covers {plan.pixels} pixels"
        raise DataError("volumes", expected=expected, actual="none")
    return found


def _of_split(
    split: str, slices: Sequence[Shown], classes: Sequence[str], asking: _Asking, plan: Plan
) -> Iterator[Pair]:
    share = TEST_SHARE if split == TEST else 1 - TEST_SHARE
    most = max(1, round(plan.per_organ * share))
    used: dict[str, Shown] = {}
    count = 0
    for organ in classes:
        showing = [each for each in slices if each.areas.get(organ, 0) >= plan.pixels]
        for each in _evenly(showing, most):
            used[each.name] = each
            count += 1
            yield asking.pair(split, each, PRESENT, organ)
    scale = count / (1 - plan.absent - plan.off_topic)
    chosen = [used[name] for name in sorted(used)]
    for number in range(round(scale * plan.absent) if chosen else 0):
        each, rng = asking.draw(chosen, "absent", split, number)
        missing = [organ for organ in classes if organ not in each.areas]
        if missing:
            yield asking.pair(split, each, ABSENT, missing[int(rng.integers(len(missing)))], number)
    for number in range(round(scale * plan.off_topic) if chosen else 0):
        each, _ = asking.draw(chosen, "off-topic", split, number)
        yield asking.pair(split, each, OFF_TOPIC, None, number)


def _evenly(slices: Sequence[Shown], most: int) -> list[Shown]:
    """At most so many, evenly spread over volumes and heights."""
    if len(slices) <= most:
        return list(slices)
    return [
        slices[int(place)] for place in np.linspace(0, len(slices) - 1, most).round().astype(int)
    ]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Draws questions; every draw hangs on the seed and on what it is for."""

    questions: Mapping[str | None, Sequence[str]]
    seed: int

    @classmethod
    def of(cls, bank: Sequence[Question], classes: Sequence[str], seed: int) -> _Asking:
        by: dict[str | None, list[str]] = {organ: [] for organ in (*classes, None)}
        for question in bank:
            if len(question.things) <= 1:
                organ = next(iter(question.things), None)
                if organ in by:
                    by[organ].append(question.text)
        empty = [organ or "no organ" for organ, texts in by.items() if not texts]
        if empty:
            raise DataError("questions", expected="some for each", actual=f"none for {empty[0]}")
        return cls(by, seed)

    def draw(self, slices: Sequence[Shown], *key: object) -> tuple[Shown, np.random.Generator]:
        rng = self._rng(*key)
        return slices[int(rng.integers(len(slices)))], rng

    def pair(self, split: str, shown: Shown, kind: str, organ: str | None, number: int = 0) -> Pair:
        key = f"{shown.name}/{kind}/{organ or ''}/{number}"
        texts = self.questions[organ]
        text = texts[int(self._rng("question", key).integers(len(texts)))]
        answer = organ if kind == PRESENT else None
        return Pair(
            key, f"slices/{shown.name}.png", f"labels/{shown.name}.png", text, answer, organ,
            kind, split, shown.volume, shown.index,
        )  # fmt: skip

    def _rng(self, *key: object) -> np.random.Generator:
        digest = hashlib.sha256(repr((self.seed, *key)).encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "big"))
