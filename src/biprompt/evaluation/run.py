"""Measure a study: records, processes, baselines; reports as JSON, Markdown and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Page
from biprompt.evaluation.page.html import to_html
from biprompt.evaluation.page.markdown import to_markdown
from biprompt.evaluation.page.numbers import to_json
from biprompt.evaluation.provenance import run_facts
from biprompt.evaluation.records import Progress, Record, collect, silent
from biprompt.evaluation.runs import prepare_folder, record_file
from biprompt.evaluation.sharding import Load, in_order
from biprompt.evaluation.study import Study
from biprompt.io.files import atomic_write

T = TypeVar("T")
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class How:
    """How a study is run; the numbers hang on none of it.

    Attributes:
        processes: how many work at a time.
        limit: how many samples the study was cut to, None for all: a trial, and the report says so.
        command: how the run was started, for the report.
        force: replace reports that exist.
        progress: called after every record.
    """

    processes: int = 1
    limit: int | None = None
    command: str = ""
    force: bool = False
    progress: Progress = silent


THIS_PROCESS = How()


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A study that is done, and not written yet.

    Attributes:
        report: `protocol`, `run`, `data`, `settings`, and `results` by contender, JSON values.
        page: the same for a person.
        galleries: cases to look at.
    """

    report: dict[str, Any]
    page: Page
    galleries: Sequence[Gallery]


def evaluate(
    study: Study[T, R], load: Load, out: Path, how: How = THIS_PROCESS
) -> tuple[Path, ...]:
    """Measure a model and the study's baselines, write the reports, and return where they are.

    Records are kept in `.records` below `out`: interrupted, the next call with the same model,
    data, settings and code goes on where this one stopped.

    Args:
        study: whom to ask what.
        load: loads the model, once a process.
        out: folder of the reports; it is made.
        how: everything that changes no number.

    Returns:
        `PROTOCOL-DATA.md`, `.json` and `.html`.

    Raises:
        OutputError: the reports could not be written; nothing is measured then.
        DataError: something is wrong in the data.
    """
    name = stem(study)
    records = prepare_folder(out, file_names(name), force=how.force)
    return write(name, conduct(study, load(), load, records, how), out, force=how.force)


def stem(study: Study[T, R]) -> str:
    """Return the name of a study's reports, without an ending."""
    return "-".join(filter(None, (study.protocol, study.data.name, study.variant)))


def file_names(name: str) -> list[str]:
    """Return the files of a report of this name, the one for people first."""
    return [f"{name}.{kind}" for kind in ("md", "json", "html")]


def conduct(
    study: Study[T, R], contender: Contender, load: Load, records: Path | None, how: How
) -> Measured:
    """Measure a model and the study's baselines.

    Args:
        study: whom to ask what.
        contender: who is judged.
        load: loads it in another process.
        records: folder of the records; None keeps them in memory.
        how: everything that changes no number.
    """
    runs = measure(study, contender, load, records, how)
    found = {contender.name: study.summarize(runs)}
    for other in study.baselines():
        found[other.name] = study.summarize(
            measure(study, other, partial(_itself, other), records, how)
        )
    report = {
        "protocol": study.protocol,
        "run": _run(study, contender, how),
        "data": asdict(study.data),
        "settings": dict(study.settings(contender)),
        "results": found,
    }
    return Measured(report, study.page(report), study.gallery(contender, runs))


def write(name: str, measured: Measured, out: Path, *, force: bool) -> tuple[Path, ...]:
    """Write a report as Markdown, JSON and HTML, and return where.

    Args:
        name: of the files, without an ending.
        measured: what to write.
        out: a folder that exists.
        force: replace what exists.
    """
    page = measured.page
    contents = to_markdown(page), to_json(measured.report), to_html(page, measured.galleries)
    paths = tuple(out / file for file in file_names(name))
    for path, content in zip(paths, contents, strict=True):
        atomic_write(path, content, force=force)
    return paths


def _run(study: Study[T, R], contender: Contender, how: How) -> dict[str, Any]:
    """Collect what changes from run to run: everything else in a report is the same each time."""
    model = {"name": contender.name, "digest": contender.digest}
    timing = dict(study.timing(contender))
    return run_facts(how.command) | {"model": model, "limit": how.limit, "timing": timing}


def _itself(contender: Contender) -> Contender:
    return contender


def measure(
    study: Study[T, R],
    contender: Contender,
    load: Load,
    folder: Path | None,
    how: How = THIS_PROCESS,
) -> list[R]:
    """Return every record of one contender, measured now or before.

    Args:
        study: whom to ask what.
        contender: who is asked.
        load: loads it in another process.
        folder: where records are kept; None keeps them in memory.
        how: everything that changes no number.

    Returns:
        The records sorted by key, equal to those of an uninterrupted run in one process.
    """
    again: Load = load if how.processes > 1 else lambda: contender
    return collect(
        study.record,
        lambda done: in_order(study.measure, study.tasks(done), again, processes=how.processes),
        record_file(folder, study, contender),
        what=f"{study.data.name}, {contender.name}",
        wanted=study.wanted(),
        progress=how.progress,
    )
