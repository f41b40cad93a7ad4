"""The accuracy table in one command: every protocol, the model beside its baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from biprompt.data.coco import CocoDataset, read_coco
from biprompt.data.inventory import of_folder
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.evaluation import biprompt as both
from biprompt.evaluation import interactive as clicked
from biprompt.evaluation.absence import Absence, Labelled
from biprompt.evaluation.baselines import baselines
from biprompt.evaluation.model import Contender
from biprompt.evaluation.objects import object_keys
from biprompt.evaluation.page.numbers import to_json
from biprompt.evaluation.provenance import DataFacts, data_digest, run_facts
from biprompt.evaluation.records import Progress, RecordFile, collect, silent
from biprompt.evaluation.report import to_markdown
from biprompt.evaluation.run import How, measure
from biprompt.evaluation.runs import prepare_folder, record_file
from biprompt.evaluation.targets import table
from biprompt.io.files import atomic_write

FOLDERS = {
    "grabcut": "grabcut-test",
    "berkeley": "berkeley-test",
    "mval": "coco-mval-test",
    "absence": "coco-train",
}
SETS = tuple(FOLDERS)
_REPORTS = ("accuracy.json", "accuracy.md")


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """One contender on one set: what its records hang on, and where they are kept."""

    set: str
    contender: Contender
    dataset: CocoDataset
    limit: int | None
    folder: Path | None
    progress: Progress

    @property
    def what(self) -> str:
        return f"{self.set}, {self.contender.name}"

    def file(self, protocol: str, **settings: Any) -> RecordFile:
        data = DataFacts(self.set, data_digest(self.dataset.root))
        return record_file(self.folder, protocol, data, self.contender, **settings)


def accuracy(
    data_root: Path,
    contender: Contender,
    out: Path,
    *,
    sets: Sequence[str] = SETS,
    limit: int | None = None,
    command: str = "",
    force: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Measure a model, write `accuracy.json` and `accuracy.md`, and return what they say.

    Records of every object are kept in `.records` below `out`: interrupted, the next call with the
    same model, data and code goes on where this one stopped.

    Args:
        data_root: holds the folders of FOLDERS.
        contender: the model.
        out: folder of the reports; it is made.
        sets: which of SETS to measure.
        limit: only the first so many objects (absence: photographs) of each set, for a trial.
        command: how the run was started, for the report.
        force: replace reports that exist.
        progress: called after every object.

    Raises:
        DataError: a set is unknown or its data is missing; nothing is measured then.
        OutputError: the reports could not be written; nothing is measured then either.
    """
    data = {name: _dataset(data_root, name) for name in sets}
    records = prepare_folder(out, _REPORTS, force=force)
    found: dict[str, Any] = {}
    for name, dataset in data.items():
        found[name] = {
            "folder": FOLDERS[name],
            "data_digest": data_digest(dataset.root),
            "results": {
                each.name: _MEASURES[name](_Work(name, each, dataset, limit, records, progress))
                for each in (contender, *(baselines() if name != "absence" else ()))
            },
        }
    report = {
        "run": run_facts(command)
        | {"model": {"name": contender.name, "digest": contender.digest}, "limit": limit},
        "table": table({name: each["results"] for name, each in found.items()}, contender.name),
        "sets": found,
    }
    for path, content in zip(_REPORTS, (to_json(report), to_markdown(report)), strict=True):
        atomic_write(out / path, content, force=force)
    return report


def _dataset(root: Path, name: str) -> CocoDataset:
    if name not in FOLDERS:
        raise DataError("set", expected=f"one of {', '.join(SETS)}", actual=name)
    return read_coco(root / FOLDERS[name])


def _interactive(work: _Work, clicks: int = clicked.CLICKS) -> dict[str, Any]:
    runs = collect(
        clicked.ClickRun,
        lambda done: clicked.interactive(
            work.contender.model, work.dataset, clicks=clicks, limit=work.limit, done=done
        ),
        work.file("interactive", clicks=clicks),
        what=work.what,
        wanted=object_keys(work.dataset, work.limit),
        progress=work.progress,
    )
    return clicked.summarize(runs, clicks)


def _named(work: _Work) -> dict[str, Any]:
    if work.contender.name in {each.name for each in baselines()}:
        return _interactive(work, clicks=1)  # without words the gate has nothing to do
    runs = collect(
        both.DualRun,
        lambda done: both.dual(work.contender, work.dataset, limit=work.limit, done=done),
        work.file("biprompt", policy=repr(work.contender.policy)),
        what=work.what,
        wanted=object_keys(work.dataset, work.limit),
        progress=work.progress,
    )
    return both.summarize(runs, both.SHORT)


def _absence(work: _Work) -> dict[str, Any]:
    every = (Labelled(sample) for sample in of_folder(work.dataset))
    kept = (each for each in every if is_validation(each.picture.path.name))
    data = DataFacts(work.set, data_digest(work.dataset.root))
    study = Absence(data, tuple(islice(kept, work.limit)), validation_only=True)
    how = How(progress=work.progress)
    runs = measure(study, work.contender, lambda: work.contender, work.folder, how)
    return study.summarize(runs)


_MEASURES: dict[str, Callable[[_Work], dict[str, Any]]] = {
    "grabcut": _interactive,
    "berkeley": _interactive,
    "mval": _named,
    "absence": _absence,
}
