"""The accuracy table in one command: four studies, and the row of each that is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from biprompt.data.readers.registry import Kind
from biprompt.errors import DataError
from biprompt.evaluation.absence import Absence, open_photographs
from biprompt.evaluation.biprompt import open_study
from biprompt.evaluation.interactive import Interactive
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Block, Heading, Page, Table, Text
from biprompt.evaluation.page.numbers import number, provenance, with_interval
from biprompt.evaluation.provenance import run_facts
from biprompt.evaluation.run import (
    THIS_PROCESS,
    How,
    Measured,
    conduct,
    file_names,
    stem,
    write,
)
from biprompt.evaluation.runs import prepare_folder
from biprompt.evaluation.samples import open_samples
from biprompt.evaluation.sharding import Load
from biprompt.evaluation.study import Study
from biprompt.evaluation.targets import table

NAME = "accuracy"
FOLDERS = {
    "grabcut": "grabcut-test",
    "berkeley": "berkeley-test",
    "mval": "coco-mval-test",
    "absence": "coco-train",
}
SETS = tuple(FOLDERS)
_ABOUT = """\
Each row is one number of a report beside this one, which spells out its protocol. In
coco-mval-test one instance of the named kind is recorded, so words alone are judged too low.
Brackets hold the 95 % bootstrap interval over objects (AUROC: over photographs)."""


def accuracy(
    data_root: Path,
    load: Load,
    out: Path,
    *,
    sets: Sequence[str] = SETS,
    how: How = THIS_PROCESS,
) -> tuple[Path, ...]:
    """Measure a model on every set, write the reports, and return where the table is.

    Records are kept in `.records` below `out`: interrupted, the next call with the same model,
    data and code goes on where this one stopped. All reports are written at the end.

    Args:
        data_root: holds the folders of FOLDERS.
        load: loads the model, once a process.
        out: folder of the reports; it is made.
        sets: which of SETS to measure.
        how: everything that changes no number.

    Returns:
        `accuracy.md`, `.json` and `.html`; beside them lie the reports of the studies.

    Raises:
        DataError: a set is unknown or its data is missing; nothing is measured then.
        OutputError: the reports could not be written; nothing is measured then either.
    """
    studies = {name: _study(data_root, name, how.limit) for name in sets}
    stems = {name: stem(study) for name, study in studies.items()}
    files = [file for each in (NAME, *stems.values()) for file in file_names(each)]
    records = prepare_folder(out, files, force=how.force)
    contender = load()
    done = {name: conduct(study, contender, load, records, how) for name, study in studies.items()}
    for name, measured in done.items():
        write(stems[name], measured, out, force=how.force)
    whole = _whole({name: each.report for name, each in done.items()}, stems, contender, how)
    return write(NAME, whole, out, force=how.force)


def _study(root: Path, name: str, limit: int | None) -> Study[Any, Any]:
    if name not in FOLDERS:
        raise DataError("set", expected=f"one of {', '.join(SETS)}", actual=name)
    return _STUDIES[name](root / FOLDERS[name], limit)


def _interactive(folder: Path, limit: int | None) -> Interactive:
    opened = open_samples(folder, kinds=(Kind.INTERACTIVE,), limit=limit)
    return Interactive(opened.data, opened.samples)


def _absence(folder: Path, limit: int | None) -> Absence:
    opened = open_photographs(folder, validation_only=True, limit=limit)
    return Absence(opened.data, opened.photographs, opened.kind, opened.validation_only)


def _named(folder: Path, limit: int | None) -> Study[Any, Any]:
    return open_study(folder, limit=limit)


_STUDIES: dict[str, Callable[[Path, int | None], Study[Any, Any]]] = {
    "grabcut": _interactive,
    "berkeley": _interactive,
    "mval": _named,
    "absence": _absence,
}


def _whole(
    reports: Mapping[str, Mapping[str, Any]],
    stems: Mapping[str, str],
    contender: Contender,
    how: How,
) -> Measured:
    model = {"name": contender.name, "digest": contender.digest}
    run = run_facts(how.command) | {"model": model, "limit": how.limit}
    results = {name: report["results"] for name, report in reports.items()}
    judged = table(results, contender.name)
    report = {
        "protocol": NAME,
        "run": run,
        "table": judged,
        "reports": {stems[name]: each["data"] for name, each in reports.items()},
    }
    links = ", ".join(f"[{each}]({each}.md)" for each in stems.values())
    blocks: tuple[Block, ...] = (
        provenance(run),
        Text(_ABOUT),
        Heading("The table"),
        _rows(judged),
        Text(f"Reports: {links}."),
    )
    return Measured(report, Page(f"Accuracy of `{contender.name}`", blocks), ())


def _rows(judged: Sequence[Mapping[str, Any]]) -> Table:
    names = list(dict.fromkeys(name for row in judged for name in row["baselines"]))
    header = ("set and protocol", "result", "at least", "aim", "reached", *names)
    return Table(header, tuple((*_judged(row), *_beside(row, names)) for row in judged))


def _judged(row: Mapping[str, Any]) -> list[str]:
    digits = 2 if row["fewer_is_better"] else 3
    reached = {None: "", True: "yes", False: "no"}[row["reached"]]
    value = with_interval(row["value"], row["interval"], digits)
    targets = [number(row[key], digits) for key in ("at_least", "aim")]
    return [row["name"], value, *targets, reached]


def _beside(row: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    digits = 2 if row["fewer_is_better"] else 3
    return [number(row["baselines"].get(name), digits) for name in names]
