"""Digests of files, without holding them in memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

from biprompt.errors import WeightsError


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file: 64 hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Fail unless a file has that SHA-256.

    Raises:
        WeightsError: it has another.
        OSError: it cannot be read.
    """
    actual = sha256_of(path)
    if actual != expected:
        raise WeightsError(
            "file", expected=f"sha256 {expected}", actual=f"sha256 {actual}", path=path
        )
