"""All things of one name in one image as one: how EndoVis17 is usually scored."""

from __future__ import annotations

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.evaluation.biprompt.answers import Answers
from biprompt.evaluation.biprompt.rows import POOLS, Rows, count_rows, weights_row
from biprompt.evaluation.biprompt.runs import DualRun
from biprompt.metrics import overlap


class Joined:
    """All things of one name in one image: answers are joined, and compared with all of them."""

    def __init__(self, label: str, image: str) -> None:
        """Begin with nothing."""
        self.label, self.image = label, image
        self._things = 0
        self._truth: BoolMask | None = None
        self._ignore: BoolMask | None = None
        self._rows: Rows[BoolMask] = {}

    def add(self, answers: Answers | None, rows: Rows[BoolMask]) -> None:
        """Join one thing with the others; one that could not be pointed at adds nothing."""
        if answers is None:
            return
        self._things += 1
        self._truth = _union(self._truth, answers.truth)
        if answers.ignore is not None:
            self._ignore = _union(self._ignore, answers.ignore)
        for row, masks in rows.items():
            if row not in map(weights_row, POOLS):
                kept = self._rows.setdefault(row, {})
                kept.update({name: _union(kept.get(name), mask) for name, mask in masks.items()})

    def run(self) -> DualRun:
        """Return the record."""
        key = joined_key(self.image, self.label)
        if self._truth is None:
            return DualRun(key, self.label, self.image, joined=0)
        ignore = None if self._ignore is None else self._ignore & ~self._truth
        truth = overlap(self._truth, self._truth, ignore).truth
        counts = count_rows(self._rows, self._truth, ignore)
        return DualRun(key, self.label, self.image, self._things, truth, counts)


def joined_key(image: str, label: str) -> str:
    """Return the key of all things of one name in one image."""
    return f"{image} {label}"


def _union(one: BoolMask | None, other: BoolMask) -> BoolMask:
    return other if one is None else np.asarray(one | other)
