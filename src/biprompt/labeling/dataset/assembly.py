"""Assemble a data set from the lines of a run: in the order of the items, a few in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from typing import Any

from biprompt.errors import OutputError
from biprompt.labeling.corrections import CORRECTIONS, Objects, read_corrections
from biprompt.labeling.dataset.classes import Classes
from biprompt.labeling.dataset.coco import coco_file
from biprompt.labeling.dataset.files import write_lists
from biprompt.labeling.dataset.job import FORMATS, Job, Summary
from biprompt.labeling.dataset.pieces import Maker, pieces
from biprompt.labeling.dataset.review import review_file
from biprompt.labeling.journal import Journal
from biprompt.labeling.rules import Rules
from biprompt.labeling.storage import Storage, read, write

FAILURES = "failures.jsonl"
STATE = "run/assembled.json"
SUMMARY = "summary.json"
Told = Callable[[int, int], None]
"""Called with how many images are assembled, and how many there will be."""


def assemble(
    storage: Storage,
    journal: Journal,
    job: Job,
    *,
    processes: int = 1,
    force: bool = False,
    told: Told = lambda done, total: None,
) -> Summary:
    """Write the data set, the lists of failures and of doubtful answers, and the summary.

    Formats that are there already are brought up to date with those of the job. Where nothing has
    changed since, nothing is written.

    Args:
        storage: of the run; takes the files.
        journal: the lines of the run.
        job: what to assemble.
        processes: how many share the work; the files are the same.
        force: whether files that were made by other rules may be replaced.
        told: how far it is.

    Raises:
        OutputError: there are files by other rules, or a file cannot be written.
        DataError: a correction is damaged.
    """
    corrected = read_corrections(storage)
    before = _state(storage)
    check_rules(storage, job, force=force)
    formats = {*job.formats, *before.get("formats", ())}
    job = replace(job, formats=tuple(name for name in FORMATS if name in formats))
    now = _facts(storage, journal, job)
    if {**before, "summary": None} == {**now, "summary": None}:
        return Summary.of(before["summary"])
    storage.remove(STATE)
    summary = _write(storage, journal, job, corrected, processes, told)
    write(storage, SUMMARY, (json.dumps(summary.to_dict(), indent=1) + "\n").encode())
    write(storage, STATE, json.dumps(now | {"summary": summary.to_dict()}).encode())
    return summary


def check_rules(storage: Storage, job: Job, *, force: bool) -> None:
    """Raise OutputError where files that were made by other rules would be replaced."""
    before = _state(storage)
    for name, value in asdict(job.rules).items():
        kept = before.get("rules", {}).get(name, value)
        if kept != value and not force:
            expected = f"{kept}, as the data set there was assembled"
            actual = f"{value} (--force assembles it anew; no image is asked again)"
            where = storage.where()
            raise OutputError(name.replace("_", " "), expected=expected, actual=actual, path=where)


def assembled_rules(storage: Storage) -> Rules:
    """Return the rules by which the data set there was assembled; the usual ones without one."""
    return Rules(**_state(storage).get("rules", {}))


def _write(
    storage: Storage,
    journal: Journal,
    job: Job,
    corrected: Mapping[str, Objects],
    processes: int,
    told: Told,
) -> Summary:
    more = {thing["label"] for objects in corrected.values() for thing in objects}
    classes = Classes.of(job.labels, more)
    for name in set(job.formats) - {"coco"}:
        storage.remove(name)  # of files by other rules some would stay
    write_lists(classes, job, storage)
    maker = Maker(storage.where(), job, classes, corrected)
    summary, done = Summary(), 0
    with ExitStack() as stack:
        coco = None
        if "coco" in job.formats:
            coco = stack.enter_context(coco_file(storage, classes))
        review = stack.enter_context(review_file(storage))
        failures = stack.enter_context(storage.writing(FAILURES))
        for piece in pieces(maker, journal, storage, processes):
            if coco is not None and piece.image is not None:
                coco.add(piece.image, piece.annotations)
            for doubt, line in piece.review:
                review.add(doubt, line)
            failures.writelines(piece.failures)
            summary.add(piece.summary)
            done += 1
            told(done, journal.done)
    return summary


def _facts(storage: Storage, journal: Journal, job: Job) -> dict[str, Any]:
    """What the files hang on; the same again needs no assembly."""
    corrections = read(storage, CORRECTIONS) or b""
    return {
        "done": journal.done,
        "failed": journal.failed,
        "formats": list(job.formats),
        "rules": asdict(job.rules),
        "review": job.review,
        "corrections": hashlib.sha256(corrections).hexdigest()[:16],
        "summary": None,
    }


def _state(storage: Storage) -> dict[str, Any]:
    """What was assembled before; empty where that is nothing, or was not finished."""
    try:
        found = json.loads(read(storage, STATE) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
