"""Question-mask pairs on disk, as `biprompt data pairs` writes them.

::

    pairs/pairs.json              what they were made of: classes, seed, window, counts
    pairs/pairs.jsonl             one pair a line
    pairs/slices/CASE_0123.png    the slice, grey
    pairs/labels/CASE_0123.png    its organs: 0, or the place of a class in `classes`, from 1
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.data.pictures import read_numbers
from biprompt.errors import DataError
from biprompt.io.images import load_image

HEADER, LINES = "pairs.json", "pairs.jsonl"
VERSION = 1
PRESENT, ABSENT, OFF_TOPIC = "present", "absent", "off-topic"
"""Kinds of pairs: the organ is on the slice; it is not; the question means no organ."""
TRAIN, TEST = "train", "test"


@dataclass(frozen=True, slots=True)
class Pair:
    """A question about a slice, and its answer.

    Attributes:
        key: unique in its set.
        slice: path of the picture, relative to the set.
        labels: path of its organs, likewise.
        question: what is asked.
        organ: the answer; None for "none of them".
        asked: the organ that the question means, on the slice or not; None for no organ.
        kind: PRESENT, ABSENT or OFF_TOPIC.
        split: TRAIN or TEST; a volume is in one of them alone.
        volume: name of the volume.
        index: of the axial slice in it, from the feet.
    """

    key: str
    slice: str
    labels: str
    question: str
    organ: str | None
    asked: str | None
    kind: str
    split: str
    volume: str
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class PairSet:
    """Pairs and what they have in common.

    Attributes:
        root: folder.
        classes: names of the organs, in the order of numbers in label files.
        none: name of the class that refuses.
        domain: name of the list of things.
        pairs: all of them.
    """

    root: Path
    classes: tuple[str, ...]
    none: str
    domain: str
    pairs: tuple[Pair, ...]

    def of(self, split: str) -> tuple[Pair, ...]:
        """The pairs of TRAIN or TEST."""
        return tuple(pair for pair in self.pairs if pair.split == split)

    def number(self, pair: Pair) -> int:
        """The class of a pair, from 0; the last one refuses."""
        return len(self.classes) if pair.organ is None else self.classes.index(pair.organ)

    def pixels(self, pair: Pair) -> NDArray[np.uint8]:
        """The slice, (H, W, 3) uint8.

        Raises:
            ImageError: the file is missing or damaged.
        """
        return load_image(self.root / pair.slice).pixels

    def mask(self, pair: Pair) -> NDArray[np.bool_]:
        """The organ, (H, W) bool; empty for a false premise.

        Raises:
            ImageError: the file is missing or damaged.
            DataError: the organ is not on the slice, against what the pair says.
        """
        labels = read_numbers(self.root / pair.labels)
        if pair.organ is None:
            return np.zeros(labels.shape[:2], np.bool_)
        mask: NDArray[np.bool_] = labels == 1 + self.number(pair)
        if not mask.any():
            expected, path = f"{pair.organ} on it", self.root / pair.labels
            raise DataError("labels", expected=expected, actual="none", path=path)
        return mask


def read_pairs(root: Path) -> PairSet:
    """Read a folder of pairs; no picture is opened.

    Raises:
        DataError: a file is missing, or a line is none; the message says which.
    """
    header = _header(root / HEADER)
    classes = tuple(map(str, header["classes"]))
    pairs = tuple(_lines(root / LINES, classes))
    if not pairs:
        raise DataError("pairs", expected="at least one", actual="none", path=root / LINES)
    return PairSet(root, classes, str(header["none"]), str(header["domain"]), pairs)


def _header(path: Path) -> Mapping[str, Any]:
    try:
        tree = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        actual = "nothing there" if isinstance(error, FileNotFoundError) else error
        expected = "a folder that `biprompt data pairs` wrote"
        raise DataError("pairs", expected=expected, actual=actual, path=path) from error
    known = isinstance(tree, Mapping) and tree.get("version") == VERSION
    if not known or not {"classes", "none", "domain"} <= tree.keys():
        expected = f"classes, none, domain, and version {VERSION}"
        raise DataError("pairs", expected=expected, actual=sorted(tree), path=path)
    found: Mapping[str, Any] = tree
    return found


def _lines(path: Path, classes: Sequence[str]) -> Iterator[Pair]:
    names = {field.name for field in fields(Pair)}
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise DataError("pairs", expected="a text file", actual=error, path=path) from error
    for number, line in enumerate(lines, 1):
        try:
            tree = json.loads(line)
            pair = Pair(**tree)
        except (ValueError, TypeError) as error:
            expected = f"an object with {', '.join(sorted(names))}"
            raise DataError(f"line {number}", expected=expected, actual=error, path=path) from error
        if pair.organ is not None and pair.organ not in classes:
            expected = "an organ of pairs.json"
            raise DataError(f"line {number}", expected=expected, actual=pair.organ, path=path)
        yield pair
