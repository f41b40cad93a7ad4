"""Per-object records on disk: an interrupted run goes on where it stopped.

A file holds one JSON object a line: first the facts that the records hang on (protocol, data,
model, settings, code), then one record each. Other facts start a new file. A line that was cut off
is dropped. A finished file is the same whether the run was interrupted or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from biprompt.errors import OutputError
from biprompt.io.files import atomic_write

Progress = Callable[[str, int, int], None]
"""Called with what is done, how many of it are finished, and how many there are."""


class Record(Protocol):
    """A frozen dataclass of plain JSON values with a unique key."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """What was measured, unique in its run."""
        ...


R = TypeVar("R", bound=Record)


def silent(what: str, done: int, total: int) -> None:
    """Report progress to nobody."""


class RecordFile:
    """The records of one file, and a way to add to them.

    Args:
        path: the file, in a folder that exists. None keeps everything in memory.
        facts: JSON values; a file with other facts is begun anew.

    Attributes:
        records: what is there, in the order in which it was measured.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path | None, facts: Mapping[str, Any]) -> None:
        """Read what is there already."""
        self.records: list[dict[str, Any]] = []
        self._path = path
        if path is None:
            return
        header = _line(facts)
        self.records += _kept(path, header)
        atomic_write(path, "".join([header, *map(_line, self.records)]).encode(), force=True)

    def add(self, record: dict[str, Any]) -> None:
        """Append one record, at once on disk."""
        self.records.append(record)
        if self._path is None:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(record))
        except OSError as error:
            raise OutputError(
                "records", expected="a writable file", actual=error.strerror, path=self._path
            ) from error


def collect(
    kind: type[R],
    measure: Callable[[Container[str]], Iterable[R]],
    file: RecordFile,
    *,
    what: str,
    wanted: Sequence[str],
    progress: Progress = silent,
) -> list[R]:
    """Run a protocol from where `file` ends, keep each record, and return all of them.

    Args:
        kind: the dataclass of the records.
        measure: gets the keys that are done and yields the records of the rest.
        file: where records are kept.
        what: name of the work for `progress`.
        wanted: keys of all the records there will be; others in the file are left alone.
        progress: called after every record.

    Returns:
        The records sorted by key, equal to those of an uninterrupted run.
    """
    keys = frozenset(wanted)
    done = keys & {record["key"] for record in file.records}
    progress(what, len(done), len(keys))
    for number, record in enumerate(measure(done), start=len(done) + 1):
        file.add(json.loads(_line(asdict(record))))
        progress(what, number, len(keys))
    kept = (kind(**values) for values in file.records if values["key"] in keys)
    return sorted(kept, key=lambda record: record.key)


def _line(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, allow_nan=False) + "\n"


def _kept(path: Path, header: str) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, ValueError):
        return []
    if not lines or lines[0] != header:
        return []
    records: dict[str, dict[str, Any]] = {}
    for line in lines[1:]:
        try:
            values = json.loads(line) if line.endswith("\n") else None
        except ValueError:
            values = None
        if isinstance(values, dict) and isinstance(values.get("key"), str):
            records.setdefault(values["key"], values)
    return list(records.values())
