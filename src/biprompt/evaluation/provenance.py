"""Where a number comes from: commit, code, data, machine, versions."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import biprompt
from biprompt import __version__
from biprompt.data.coco import ANNOTATION_FILES

PACKAGE = Path(biprompt.__file__).parent
_PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "scipy", "torch")


@dataclass(frozen=True, slots=True)
class DataFacts:
    """Which data were measured on.

    Attributes:
        name: of the set, part of the reports' names.
        digest: changes whenever its annotations do; part of what resuming relies on.
    """

    name: str
    digest: str


def run_facts(command: str) -> dict[str, Any]:
    """Return what a report says about its run: date, commit, command, machine, versions."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "command": command,
        "version": __version__,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def commit(folder: Path = PACKAGE) -> str | None:
    """Return the commit the package is run from, "+ changes" where its files differ from it.

    None where the package does not lie in a checkout of its own.
    """
    # installed into an environment inside somebody's repository, it belongs to none
    if _git(folder, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    head = _git(folder, "rev-parse", "HEAD")
    changed = _git(folder, "status", "--porcelain", "--", ".")
    return f"{head} + changes" if head and changed else head


def data_digest(folder: Path) -> str:
    """Return 16 hexadecimal digits that stand for a data set's annotations.

    They are of the content of the COCO file, or, in any other layout, of the names and sizes of all
    files; empty for an empty folder.
    """
    for name in ANNOTATION_FILES:
        if (folder / name).is_file():
            return hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n" for path in files)
    text = "".join(lines).encode()
    return hashlib.sha256(text).hexdigest()[:16] if text else ""


@cache
def code_digest(folder: Path = PACKAGE) -> str:
    """Return 16 hexadecimal digits that stand for every file of the package.

    Records measured with other code are not reused: post-processing counts as much as weights.
    """
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return _digest(sorted(files), folder)


def _digest(files: Iterable[Path], root: Path) -> str:
    total = hashlib.sha256()
    for path in files:
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
