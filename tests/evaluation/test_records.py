from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from biprompt.errors import OutputError
from biprompt.evaluation.records import RecordFile, collect

FACTS = {"protocol": "test", "version": 1}
KEYS = ["a", "b", "c", "d"]


@dataclass(frozen=True)
class Sample:
    key: str
    value: float


class Measured:
    """Yields one sample a key and is interrupted after some."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.seen = stop_after, list[str]()

    def __call__(self, done: Container[str]) -> Iterator[Sample]:
        for number, key in enumerate(KEYS):
            if key not in done:
                if len(self.seen) == self.stop_after:
                    raise KeyboardInterrupt
                self.seen.append(key)
                yield Sample(key, number / 3)


def run(path: Path | None, measured: Measured, wanted: list[str] = KEYS) -> list[Sample]:
    return collect(Sample, measured, RecordFile(path, FACTS), what="test", wanted=wanted)


def test_an_interrupted_run_goes_on_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole", Measured())
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "parts", Measured(stop_after=2))
    rest = Measured()
    assert run(tmp_path / "parts", rest) == whole == [Sample(k, i / 3) for i, k in enumerate(KEYS)]
    assert rest.seen == ["c", "d"]
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_line_cut_off_is_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "records"
    whole = run(path, Measured())
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    again = Measured()
    assert run(path, again) == whole
    assert again.seen == ["d"] and path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'{"other": 1}\n{"key": "a"}\n', b"[]\n"])
def test_another_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records"
    path.write_bytes(content)
    again = Measured()
    run(path, again)
    assert again.seen == KEYS


def test_damaged_and_double_lines_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "records"
    run(path, Measured())
    header, first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(header + first + first + "{]\n" + '{"value": 1}\n' + rest[0])
    again = Measured()
    assert len(run(path, again)) == 4
    assert again.seen == ["c", "d"]


def test_only_the_wanted_are_returned(tmp_path: Path) -> None:
    run(tmp_path / "records", Measured())
    kept = run(tmp_path / "records", Measured(), wanted=["b"])
    assert [sample.key for sample in kept] == ["b"]


def test_progress_counts_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "records", Measured(stop_after=3))
    told: list[tuple[str, int, int]] = []
    collect(
        Sample,
        Measured(),
        RecordFile(tmp_path / "records", FACTS),
        what="test",
        wanted=KEYS,
        progress=lambda *now: told.append(now),
    )
    assert told == [("test", 3, 4), ("test", 4, 4)]


def test_without_a_path_nothing_is_written() -> None:
    assert len(run(None, Measured())) == 4


def test_the_header_says_what_the_records_hang_on(tmp_path: Path) -> None:
    run(tmp_path / "records", Measured())
    assert json.loads((tmp_path / "records").read_text().splitlines()[0]) == FACTS


def test_an_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such folder"):
        RecordFile(tmp_path / "nowhere" / "records", FACTS)
    file = RecordFile(tmp_path / "records", FACTS)
    (tmp_path / "records").unlink()
    (tmp_path / "records").mkdir()
    with pytest.raises(OutputError, match="records: expected a writable file"):
        file.add({"key": "a"})
