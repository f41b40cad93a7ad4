"""Local folders and URLs behave alike; a full disk is one line and breaks nothing."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from biprompt.errors import InputError, OutputError
from biprompt.labeling.storage import LocalStorage, Storage, open_storage, read, write


@pytest.fixture(params=["local", "url"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return open_storage(tmp_path / "deep" / "out")
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    return open_storage(f"memory://{uuid.uuid4().hex}/out")


def test_files_by_name(storage: Storage) -> None:
    assert read(storage, "run/a.json") is None and storage.names("run") == []
    write(storage, "run/b.json", b"one")
    write(storage, "run/a.json", b"two")
    write(storage, "run/b.json", b"three", sync=False)
    write(storage, "run/deeper/c.json", b"four")
    assert storage.names("run") == ["a.json", "b.json"]
    assert read(storage, "run/b.json") == b"three"
    with storage.open("run/b.json") as file:
        file.seek(2)
        assert file.readline() == b"ree"
    assert storage.where("run/b.json").endswith("out/run/b.json")


def test_who_fails_while_writing_leaves_what_was_there(storage: Storage) -> None:
    write(storage, "a.json", b"one")
    with pytest.raises(ZeroDivisionError), storage.writing("a.json") as file:
        file.write(b"two")
        raise ZeroDivisionError
    assert read(storage, "a.json") == b"one"


def test_files_and_folders_are_removed(storage: Storage) -> None:
    for name in ("x/a", "x/y/b", "c"):
        write(storage, name, b"")
    for name in ("x", "c", "nothing"):
        storage.remove(name)
    assert [read(storage, name) for name in ("x/a", "x/y/b", "c")] == [None] * 3
    write(storage, "x/a", b"again")
    assert read(storage, "x/a") == b"again"


def test_a_log_grows(storage: Storage) -> None:
    log = storage.log("run/log")
    log.add(b"one\n")
    log.sync()
    assert read(storage, "run/log") == b"one\n"
    log.add(b"two\n")
    log.close()
    assert read(storage, "run/log") == b"one\ntwo\n"


def test_a_local_log_survives_its_process_without_a_sync(tmp_path: Path) -> None:
    LocalStorage(tmp_path).log("log").add(b"one\n")
    assert (tmp_path / "log").read_bytes() == b"one\n"


def test_an_unknown_url_is_an_error() -> None:
    pytest.importorskip("fsspec", reason="fsspec is not installed")
    with pytest.raises(InputError, match="URL: expected one that fsspec knows"):
        open_storage("nonsense://x/y")


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """A disk with room for so many bytes."""
    room, true = {"bytes": 10**9}, os.write

    def write(file: int, data: Any) -> int:
        if not room["bytes"]:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = true(file, bytes(data)[: room["bytes"]])
        room["bytes"] -= count
        return count

    monkeypatch.setattr(os, "write", write)
    yield room


def test_a_full_disk_is_one_line_and_leaves_whole_lines(
    tmp_path: Path, full: dict[str, int]
) -> None:
    log = LocalStorage(tmp_path).log("log")
    log.add(b"first line\n")
    full["bytes"] = 5
    with pytest.raises(OutputError, match=r"log: output: expected .*, got No space left on device"):
        log.add(b"second line\n")
    assert (tmp_path / "log").read_bytes() == b"first line\n"
    full["bytes"] = 100
    log.add(b"third line\n")
    assert (tmp_path / "log").read_bytes() == b"first line\nthird line\n"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="expected a place to write to, got Not a directory"):
        write(LocalStorage(tmp_path / "file"), "run/a.json", b"")
