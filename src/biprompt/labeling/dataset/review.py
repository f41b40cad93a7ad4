"""The list of doubtful answers for people, the most doubtful first."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO

import numpy as np

from biprompt.labeling.dataset.shaped import Record
from biprompt.labeling.doubt import doubt_of
from biprompt.labeling.storage import Storage

REVIEW = "review.jsonl"
_TOLD = ("id", "label", "verdict", "presence", "score", "similarity", "margin", "reason", "prompt")
_SPOOL_BYTES = 2**20


def review_lines(record: Record, least: float) -> list[tuple[float, bytes]]:
    """Return doubt and line of each answer of an image whose doubt is at least so large."""
    found = []
    for answer in record["objects"]:
        doubt = doubt_of(answer)
        if doubt.value and doubt.value >= least:
            told = {name: answer[name] for name in _TOLD}
            about = {"doubt": doubt.value, "why": list(doubt.why), "image": record["image"]}
            line = json.dumps(about | {"item": record["item"]} | told, allow_nan=False)
            found.append((doubt.value, line.encode() + b"\n"))
    return found


class ReviewFile:
    """The list while it is gathered; in memory a line takes sixteen bytes. See `review_file`."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._doubts, self._places = array("d"), array("q")

    def add(self, doubt: float, line: bytes) -> None:
        """Add a line."""
        self._doubts.append(doubt)
        self._places.append(self._spool.tell())
        self._spool.write(line)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, the largest doubt first; of equal ones the earlier line."""
        for number in np.argsort(-np.array(self._doubts), kind="stable"):
            self._spool.seek(self._places[number])
            yield self._spool.readline()


@contextmanager
def review_file(storage: Storage) -> Iterator[ReviewFile]:
    """Gather the list and write it at the end."""
    with SpooledTemporaryFile(_SPOOL_BYTES) as spool:
        gathered = ReviewFile(spool)
        yield gathered
        with storage.writing(REVIEW) as file:
            file.writelines(gathered.lines())
