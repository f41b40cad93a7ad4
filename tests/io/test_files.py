"""A written file is complete or not there, whatever fails on the way."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from biprompt.errors import OutputError
from biprompt.io.files import atomic_write, check_writable


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def failing(error: BaseException):  # type: ignore[no-untyped-def]
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_writes_a_new_file(tmp_path: Path) -> None:
    atomic_write(tmp_path / "a.png", b"data")
    atomic_write(str(tmp_path / "b.png"), b"")
    assert (tmp_path / "a.png").read_bytes() == b"data"
    assert names(tmp_path) == ["a.png", "b.png"]


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic_write(tmp_path / "a", b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_existing_file_needs_force(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o600)
    for function in (check_writable, lambda path: atomic_write(path, b"new")):
        with pytest.raises(OutputError, match="--force or force=True"):
            function(path)
    assert path.read_bytes() == b"old"
    check_writable(path, force=True)
    atomic_write(path, b"new", force=True)
    assert path.read_bytes() == b"new" and names(tmp_path) == ["a"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_file_that_appears_in_the_meantime_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"theirs")
    monkeypatch.setattr("biprompt.io.files.check_writable", lambda *_, **__: None)
    with pytest.raises(OutputError, match="got an existing file"):
        atomic_write(path, b"ours")
    assert path.read_bytes() == b"theirs" and names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    ("force", "function"),
    [(False, "fsync"), (False, "link"), (True, "fsync"), (True, "replace")],
)
@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt(), MemoryError()]
)
def test_failure_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    force: bool,
    function: str,
    error: BaseException,
) -> None:
    path = tmp_path / "a"
    if force:
        path.write_bytes(b"old")
    monkeypatch.setattr(os, function, failing(error))
    expected = OutputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        atomic_write(path, b"new", force=force)
    assert names(tmp_path) == (["a"] if force else [])
    assert not force or path.read_bytes() == b"old"


def test_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(OutputError) as caught:
        atomic_write(tmp_path / "a", b"x")
    assert str(caught.value) == (
        f"{tmp_path / 'a'}: output file: expected a writable file, got No space left on device"
    )


def test_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(OSError(errno.EPERM, "not permitted")))
    atomic_write(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x" and names(tmp_path) == ["a"]
    monkeypatch.setattr(os, "replace", failing(OSError(errno.EIO, "broken")))
    with pytest.raises(OutputError, match="broken"):
        atomic_write(tmp_path / "b", b"x")
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("function", [check_writable, lambda path: atomic_write(path, b"x")])
def test_places_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: object
) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    cases = {
        tmp_path: "got a folder",
        tmp_path / "none" / "a": "no such folder",
        tmp_path / "file" / "a": "not a folder",
        tmp_path / "pipe": "a regular file",
        "": "a file name",
        f"{tmp_path}/new/": "a file name",
        "a\0b": "output file",
        tmp_path / ("x" * 300): "File name too long",
    }
    before = names(tmp_path)
    for path, said in cases.items():
        with pytest.raises(OutputError, match=said):
            function(path)  # type: ignore[operator]
    # The tests may run as root, who may write everywhere.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="permission denied"):
        function(tmp_path / "a")  # type: ignore[operator]
    assert names(tmp_path) == before


def test_device_is_not_replaced_by_force() -> None:
    with pytest.raises(OutputError, match="a regular file"):
        atomic_write(os.devnull, b"x", force=True)
    assert not Path(os.devnull).is_file()


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(OutputError):
        atomic_write(tmp_path / "link", b"new")
    atomic_write(tmp_path / "link", b"new", force=True)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    atomic_write("a.png", b"x")
    assert names(tmp_path) == ["a.png"]
