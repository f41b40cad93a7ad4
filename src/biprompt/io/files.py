"""Write files so that they are either complete or not there, and never overwritten by accident."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from biprompt.errors import InputError, OutputError

_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


def check_writable(path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Fail now rather than after the expensive work if `path` could not be written.

    Args:
        path: the file that will be written.
        force: an existing file may be replaced.

    Raises:
        OutputError: `path` is a folder or a device, its folder is missing or not writable, or it
            exists and `force` is False.
    """
    name = os.fspath(path)
    with _mapped(name):
        target = _target(name)
        _check_folder(os.path.dirname(target), name)
        _check_target(target, name, force)


def atomic_write(
    path: str | os.PathLike[str], data: bytes, *, force: bool = False, sync: bool = True
) -> None:
    """Write `data` to `path` completely or not at all.

    The data goes to a temporary file in the same folder, is flushed to disk, and then takes its
    name in one step. A symbolic link is followed; a replaced file keeps its permissions. Without
    `force`, a file that appears in the meantime is not overwritten either.

    Args:
        path: the file to write.
        data: its content.
        force: replace an existing file.
        sync: as in `atomic_file`.

    Raises:
        OutputError: as in `check_writable`, or the disk is full or fails. `path` is then as it
            was before, and no temporary file is left.
    """
    with atomic_file(path, force=force, sync=sync) as file:
        file.write(data)


@contextmanager
def atomic_file(
    path: str | os.PathLike[str], *, force: bool = False, sync: bool = True
) -> Iterator[BinaryIO]:
    """Open a file that takes its name, as in `atomic_write`, when the block ends without an error.

    Args:
        path: the file to write.
        force: replace an existing file.
        sync: False does not wait for the disk: a power cut may then leave an empty file, so for
            one of many that can be made again.

    Raises:
        OutputError: as in `atomic_write`.
    """
    name = os.fspath(path)
    check_writable(name, force=force)
    with _mapped(name):
        target = _target(name)
        with _temporary(os.path.dirname(target)) as temporary:
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            if force:
                _replace(temporary, target)
            else:
                _link_new(temporary, target)
        if sync:
            _sync_folder(os.path.dirname(target))


def _target(name: str) -> str:
    if not name or name.endswith(("/", os.sep)):
        raise OutputError("output file", expected="a file name", actual=repr(name))
    return os.path.realpath(name)


def _check_target(target: str, name: str, force: bool) -> None:
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise OutputError("output file", expected="a file name", actual="a folder", path=name)
    if not stat.S_ISREG(mode):
        raise OutputError("output file", expected="a regular file", actual="a device", path=name)
    if not force:
        raise _exists(name)


def _check_folder(folder: str, name: str) -> None:
    if not os.path.isdir(folder):
        actual = "not a folder" if os.path.exists(folder) else "no such folder"
        raise OutputError(
            "output folder", expected="an existing folder", actual=f"{folder}: {actual}", path=name
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            "output folder", expected="a writable folder", actual="permission denied", path=name
        )


def _exists(name: str) -> OutputError:
    return OutputError(
        "output file",
        expected="a new file (--force or force=True replaces)",
        actual="an existing file",
        path=name,
    )


@contextmanager
def _mapped(name: str) -> Iterator[None]:
    try:
        yield
    except InputError:  # also of what the block around `atomic_file` reads
        raise
    except FileExistsError as error:
        raise _exists(name) from error
    except (OSError, ValueError) as error:
        actual = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            "output file", expected="a writable file", actual=actual, path=name
        ) from error


@contextmanager
def _temporary(folder: str) -> Iterator[str]:
    # Not tempfile: its files are private (0600), while an ordinary file follows the umask.
    temporary = os.path.join(folder, f".biprompt-{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _replace(temporary: str, target: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
    os.replace(temporary, target)


def _link_new(temporary: str, target: str) -> None:
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _claim_and_replace(temporary, target)


def _claim_and_replace(temporary: str, target: str) -> None:
    """Take the name with an empty file first: for file systems without hard links."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        os.replace(temporary, target)
    except BaseException:
        os.unlink(target)
        raise


def _sync_folder(folder: str) -> None:
    # Makes the new name survive a power cut; not every system can open a folder.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
