"""The log of a run: one JSON object a line, readable while the run goes on."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from biprompt.errors import DataError, OutputError

LOG = "log.jsonl"


class Averages:
    """Running means of what is logged.

    Args:
        pending: what an earlier run had added and not flushed yet.
    """

    def __init__(self, pending: Mapping[str, list[float]] | None = None) -> None:
        self._values: dict[str, list[float]] = defaultdict(list, pending or {})

    def add(self, values: dict[str, float]) -> None:
        """Takes the values of one step."""
        for name, value in values.items():
            self._values[name].append(value)

    def pending(self) -> dict[str, list[float]]:
        """What was added since the last flush."""
        return {name: list(values) for name, values in self._values.items()}

    def flush(self) -> dict[str, float]:
        """The means since the last call."""
        means = {name: sum(values) / len(values) for name, values in self._values.items()}
        self._values.clear()
        return means


def append_record(run: Path, record: dict[str, Any]) -> None:
    """Adds a record to the log of the run in a folder, after a line that was cut short anew.

    Raises:
        OutputError: it cannot be written.
    """
    path = run / LOG
    try:
        with path.open("ab+") as file:
            file.write(_line_end(file) + json.dumps(record).encode() + b"\n")
    except OSError as error:
        actual = error.strerror or str(error)
        raise OutputError("log", expected="a writable file", actual=actual, path=path) from error


def _line_end(file: BinaryIO) -> bytes:
    """What ends the last line of a log, where a kill or a full disk cut it short."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 1))
    return b"" if file.read(1) in (b"\n", b"") else b"\n"


def read_log(run: Path) -> list[dict[str, Any]]:
    """The records of a run, in order of their steps.

    A run that was killed goes on from its last checkpoint and writes some steps anew; only the
    later record of such a step counts. A half-written line is passed over.

    Raises:
        DataError: there is no log, or no record in it.
    """
    path = run / LOG
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        actual = "nothing there" if isinstance(error, FileNotFoundError) else error
        raise DataError("log", expected="a run's log", actual=actual, path=path) from error
    records: list[dict[str, Any]] = []
    for line in lines:
        record = _record(line)
        if record is not None:
            while records and _replaced(records[-1], record):
                records.pop()
            records.append(record)
    if not records:
        raise DataError("log", expected="records with steps", actual="none", path=path)
    return records


def _replaced(old: dict[str, Any], new: dict[str, Any]) -> bool:
    if old["step"] == new["step"]:
        return ("validation" in old) == ("validation" in new)
    return bool(old["step"] > new["step"])


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(record, dict) and isinstance(record.get("step"), int)
    return record if whole else None
