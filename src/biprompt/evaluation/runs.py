"""Where a run keeps its reports and its records, so that it can be stopped and go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from biprompt.errors import OutputError
from biprompt.evaluation.model import Contender
from biprompt.evaluation.provenance import code_digest
from biprompt.evaluation.records import RecordFile
from biprompt.evaluation.study import Study
from biprompt.io.files import atomic_write, check_writable

RECORDS = ".records"


def prepare_folder(out: Path, reports: Sequence[str], *, force: bool) -> Path:
    """Make the folder of a run's reports, and below it the one of its records.

    Args:
        out: folder of the reports; it is made.
        reports: names of the files that will be written.
        force: whether they may replace files that exist.

    Returns:
        The folder of the records.

    Raises:
        OutputError: the reports could not be written.
    """
    records = out / RECORDS
    try:
        records.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "output folder", expected="a folder", actual=error.strerror, path=out
        ) from error
    for name in reports:
        check_writable(out / name, force=force)
    atomic_write(records / ".gitignore", b"*\n", force=True)
    return records


def record_file(folder: Path | None, study: Study[Any, Any], contender: Contender) -> RecordFile:
    """Open the records of one contender on one set; other facts begin the file anew.

    Args:
        folder: where records are kept; None keeps them in memory.
        study: what the contender is asked.
        contender: who is measured.

    Raises:
        OutputError: the file cannot be written.
    """
    facts = {
        "protocol": study.protocol,
        "settings": dict(study.settings(contender)),
        "data": asdict(study.data),
        "model": {"name": contender.name, "digest": contender.digest},
        "code": code_digest(),
    }
    parts = (study.data.name, study.protocol, study.variant, *contender.name.split())
    file = "-".join(filter(None, parts)).replace("/", "_")
    return RecordFile(folder / f"{file}.jsonl" if folder else None, facts)
