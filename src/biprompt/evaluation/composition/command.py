"""Measure how prompts compose on one folder, and write both reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from biprompt.data.coco import read_coco
from biprompt.evaluation.composition.page import to_markdown
from biprompt.evaluation.composition.prompts import KINDS, checked_kinds
from biprompt.evaluation.composition.protocol import CompositionRun, measure, summarize
from biprompt.evaluation.objects import object_keys
from biprompt.evaluation.provenance import data_digest, run_facts
from biprompt.evaluation.records import Progress, collect, silent
from biprompt.evaluation.report import to_json
from biprompt.evaluation.runs import prepare_folder, record_file
from biprompt.evaluation.sharding import Load
from biprompt.io.files import atomic_write

PROTOCOL = "composition"


def compose(
    folder: Path,
    load: Load,
    out: Path,
    *,
    kinds: Sequence[str] = KINDS,
    limit: int | None = None,
    processes: int = 1,
    command: str = "",
    force: bool = False,
    progress: Progress = silent,
) -> tuple[Path, Path]:
    """Measure a model, write `composition-SET.md` and `.json`, and return where they are.

    Records of every object are kept in `.records` below `out`: interrupted, the next call with the
    same model, data, kinds and code goes on where this one stopped.

    Args:
        folder: a data set in COCO layout.
        load: loads the model, once a process.
        out: folder of the reports; it is made.
        kinds: kinds of prompts to combine, two or more of KINDS.
        limit: only the first so many objects, for a trial.
        processes: how many work at a time; the numbers do not hang on it.
        command: how the run was started, for the report.
        force: replace reports that exist.
        progress: called after every object.

    Raises:
        InputError: the kinds of prompts are wrong, or the model does not take one of them.
        DataError: the data is missing or wrong.
        OutputError: the reports could not be written; nothing is measured then.
    """
    asked, dataset = checked_kinds(kinds), read_coco(folder)
    reports = [f"{PROTOCOL}-{dataset.name}.{kind}" for kind in ("md", "json")]
    records = prepare_folder(out, reports, force=force)
    contender = load()
    again: Load = load if processes > 1 else lambda: contender
    runs = collect(
        CompositionRun,
        lambda done: measure(
            again, dataset, kinds=asked, limit=limit, processes=processes, done=done
        ),
        record_file(
            records,
            dataset.name,
            PROTOCOL,
            dataset,
            contender,
            kinds=list(asked),
            policy=repr(contender.policy),
        ),
        what=f"{dataset.name}, {contender.name}",
        wanted=object_keys(dataset, limit),
        progress=progress,
    )
    report = {
        "run": run_facts(command)
        | {"model": {"name": contender.name, "digest": contender.digest}, "limit": limit},
        "data": {"name": dataset.name, "digest": data_digest(dataset.root)},
        "results": summarize(runs, asked),
    }
    page, numbers = (out / name for name in reports)
    atomic_write(page, to_markdown(report), force=force)
    atomic_write(numbers, to_json(report), force=force)
    return page, numbers
