"""What people corrected: kept beside the results by the name of the image, and never removed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from biprompt.errors import DataError, InputError, OutputError
from biprompt.io.formats.objects import LabelledMask
from biprompt.labeling.storage import Storage, read

CORRECTIONS = "corrections.jsonl"
CORRECTED = "corrected"
"""Verdict of a mask that a person made or agreed to."""

Objects = Sequence[Mapping[str, Any]]


def read_corrections(storage: Storage) -> dict[str, Objects]:
    """Return the corrected objects by the name of their image; the last correction counts.

    A last line that was cut off is skipped.

    Raises:
        DataError: another line is damaged.
    """
    found: dict[str, Objects] = {}
    lines = (read(storage, CORRECTIONS) or b"").splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            values = json.loads(line)
            found[values["image"]] = [_object(one) for one in values["objects"]]
        except (ValueError, TypeError, KeyError) as error:
            if number == len(lines) and not line.endswith(b"\n"):
                break
            where = storage.where(CORRECTIONS)
            raise DataError(
                f"line {number}", expected="a correction", actual=error, path=where
            ) from error
    return found


class Corrector:
    """Adds corrections to a local folder of results; many threads may.

    Args:
        folder: of the results.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is written yet."""
        self._path = folder / CORRECTIONS
        self._lock = threading.Lock()

    def add(self, image: str, objects: Objects) -> None:
        """Keep what an image shows.

        Args:
            image: its name.
            objects: `label` and `mask` (COCO run lengths) of each.

        Raises:
            InputError: one of them is none.
            OutputError: it cannot be written.
        """
        checked = [_object(one) for one in objects]
        line = (json.dumps({"image": image, "objects": checked}) + "\n").encode()
        try:
            with self._lock, self._path.open("ab+") as file:
                _drop_half_line(file)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            expected = "a place to write to"
            raise OutputError(
                "corrections", expected=expected, actual=error.strerror, path=self._path
            ) from error


def _drop_half_line(file: BinaryIO) -> None:
    """Cut off what a kill left of a line: it was never said to be kept."""
    file.seek(0)
    data = file.read()
    file.truncate(data.rfind(b"\n") + 1)


def _object(values: Mapping[str, Any]) -> dict[str, Any]:
    thing = LabelledMask(values["label"], values["mask"])
    if not thing.area:
        raise InputError("mask", expected="at least one pixel", actual="none")
    return {"label": thing.label, "mask": thing.rle}
