"""``python -m benchmarks.guided``: runs of `biprompt train guided` compared by their clicks.

Every object of every set is clicked as `biprompt evaluate interactive` does; stopped, the same
command goes on where it was. Runs that differ in their seed alone make one row.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from biprompt.data.readers.registry import Kind
from biprompt.evaluation.interactive import Interactive
from biprompt.evaluation.interactive.asking import ClickRun
from biprompt.evaluation.interactive.summary import summarize
from biprompt.evaluation.model import Contender, load_contender
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.provenance import run_facts
from biprompt.evaluation.published import load_tables
from biprompt.evaluation.records import RecordFile, collect
from biprompt.evaluation.samples import open_samples
from biprompt.io.files import atomic_write
from biprompt.training.log import read_log
from biprompt.zoo.guided import read_guided_facts

Found = dict[str, Any]
COLUMNS = ("NoC@85", "NoC@90", "IoU@1", "IoU@5", "IoU@20")
SURVEY = {
    "DIOS": ("Euclidean", "concatenation"), "FCTSFN": ("Euclidean", "two streams"),
    "ITIS": ("Gaussian", "concatenation"), "CAMLG-IIS": ("scale-aware", "concatenation"),
    "F-BRS": ("Euclidean", "distance maps"), "FCA-Net": ("Gaussian", "concatenation"),
    "99A-IS": ("Gaussian", "two streams"), "CAISLC": ("binary disk", "concatenation"),
    "CDNet": ("Gaussian", "distance maps"), "RITM": ("binary disk", "one stream"),
    "SimpleClick": ("binary disk", "one stream"),
}  # fmt: skip
"""Encoding and fusion as the survey's Table 2 names them, of a few rows of each kind."""


def say(what: str, done: int, total: int) -> None:
    """Report progress on stderr, every tenth object."""
    if done % 10 == 0 or done == total:
        print(f"{what}: {done} of {total}", file=sys.stderr, flush=True)


def clicked(run: Path, study: Interactive, keep: Path, *, only_kept: bool) -> list[ClickRun]:
    """Click on every object of a set, or take what is kept of it.

    Returns:
        One record an object; none where `only_kept` and some are missing.
    """
    contender = load_contender(str(run))
    facts = {"run": contender.digest, "data": study.data.digest} | study.settings(contender)
    file = RecordFile(keep / f"{run.name}.{study.data.name}.jsonl", facts)
    if only_kept and set(study.wanted()) - {one["key"] for one in file.records}:
        return []

    def measure(contender: Contender, done: Iterable[str]) -> Iterator[ClickRun]:
        for task in study.tasks(frozenset(done)):
            yield from study.measure(contender, task)

    what = f"{run.name} on {study.data.name}"
    return collect(
        ClickRun, partial(measure, contender), file, what=what, wanted=study.wanted(), progress=say
    )


def studies(folders: Sequence[Path], limits: Mapping[str, int]) -> list[Interactive]:
    """Return one study a folder."""
    found = []
    for folder in folders:
        limit = limits.get(folder.name)
        opened = open_samples(folder, kinds=(Kind.INTERACTIVE,), limit=limit)
        found.append(Interactive(opened.data, opened.samples))
    return found


def measure(
    runs: Sequence[Path], asked: Sequence[Interactive], keep: Path, *, only_kept: bool = False
) -> list[Found]:
    """Return what each run is and what it gave on the sets that are complete."""
    found = []
    for run in runs:
        facts = read_guided_facts(run)
        each = {one.data.name: clicked(run, one, keep, only_kept=only_kept) for one in asked}
        sets = {name: summarize(records) for name, records in each.items() if records}
        aside = [one["validation"] for one in read_log(run) if "validation" in one]
        found.append(
            {"run": run.name, "trained": dict(facts.trained), "aside": aside[-1], "sets": sets}
        )
    return found


def numbers(summary: Mapping[str, Any]) -> dict[str, float]:
    """Return the columns of one set."""
    noc = {f"NoC@{p}": summary["noc"][str(p)]["mean"] for p in (85, 90)}
    return noc | {f"IoU@{k}": 100 * summary["iou"][str(k)]["mean"] for k in (1, 5, 20)}


def grouped(found: Sequence[Found]) -> dict[tuple[str, str], list[Found]]:
    """Return runs by encoding and fusion, the seeds of each together, in the order given."""
    groups: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for one in found:
        groups[one["trained"]["encoding"], one["trained"]["fusion"]].append(one)
    return dict(groups)


def rows(
    groups: Mapping[tuple[str, str], Sequence[Found]], name: str
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield encoding, fusion, seeds, and mean with range of each column of a set."""
    for (encoding, fusion), all_runs in groups.items():
        runs = [one for one in all_runs if name in one["sets"]]
        if not runs:
            continue
        each = [numbers(one["sets"][name]) for one in runs]
        cells = [_spread([values[column] for values in each], column) for column in COLUMNS]
        yield encoding, fusion, ", ".join(str(one["trained"]["seed"]) for one in runs), cells


def _spread(values: Sequence[float], column: str) -> str:
    digits = 2 if column.startswith("NoC") else 1
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) == 1:
        return mean
    return f"{mean} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def page(found: Sequence[Found], facts: Mapping[str, Any], beside: Mapping[str, Found]) -> str:
    """Return the report as Markdown."""
    trained = found[0]["trained"]
    seconds = [one["trained"]["seconds"] for one in found]
    parts = [
        "# Encodings and fusions of clicks, compared",
        f"Networks of `biprompt train guided`: MobileNetV2 (pretrained by DeepLab on Pascal VOC) "
        f"and a small decoder, **{trained['steps']} steps of {trained['batch']} crops of "
        f"{trained['size']} pixels**, up to {trained['rounds']} corrective clicks before the one "
        f"that is learnt from; {min(seconds) / 60:.0f} to {max(seconds) / 60:.0f} minutes a run, "
        "several at a time on a busy machine. Runs of one seed saw the same crops. The "
        "papers train thousands of times as long: the order of the rows is a hint, their height is "
        "not to be compared. Where a row has several seeds, mean and range stand there; "
        "differences smaller than such a range mean nothing.",
    ]
    groups = grouped(found)
    parts += [
        f"## Photographs kept aside, {trained['held_out']} objects",
        "Mean IoU, in percent, in crops as those of the training; the same objects for all runs.",
        _aside(groups),
    ]
    counts = {name: one["objects"] for run in found for name, one in run["sets"].items()}
    for name, count in counts.items():
        parts += [f"## {name}, {count} objects", _table(groups, name, beside)]
        parts.append(_intervals(found, name))
    parts += ["## The survey's Table 2", SURVEY_NOTE, _survey()]
    where = f"{facts['machine']}; commit {facts['commit']}"
    parts.append(f"Measured {facts['date']}, {where}, by `python -m benchmarks.guided`.")
    return "\n\n".join(parts) + "\n"


SURVEY_NOTE = """\
NoC@90 as printed there, of full trainings on SBD, COCO + LVIS or Pascal VOC. Each row is another
network, other data and another year, so that the table cannot say what encoding or fusion alone
do."""


def _table(
    groups: Mapping[tuple[str, str], Sequence[Found]], name: str, beside: Mapping[str, Found]
) -> str:
    body = [[*settled, *cells] for *settled, cells in rows(groups, name)]
    if name in beside:
        known = numbers(beside[name])
        cells = [_spread([known[column]], column) for column in COLUMNS]
        body.append(["the embedded model", "", "", *cells])
    return markdown_table(["encoding", "fusion", "seeds", *COLUMNS], body)


def _aside(groups: Mapping[tuple[str, str], Sequence[Found]]) -> str:
    body = [
        [*settled, ", ".join(str(one["trained"]["seed"]) for one in runs)]
        + [_spread([100 * one["aside"][f"iou{k}"] for one in runs], "IoU") for k in (1, 3, 5)]
        for settled, runs in groups.items()
    ]
    return markdown_table(["encoding", "fusion", "seeds", "IoU@1", "IoU@3", "IoU@5"], body)


def _intervals(found: Sequence[Found], name: str) -> str:
    measured = [one["sets"][name] for one in found if name in one["sets"]]
    intervals = [one["noc"]["90"]["interval"] for one in measured]
    halves = [(high - low) / 2 for low, high in intervals]
    told = statistics.median(halves)
    return f"Over objects, the 95 % bootstrap interval of NoC@90 is about ±{told:.1f}."


def _survey() -> str:
    (table,) = [one for one in load_tables() if one.paper == "survey" and one.name == "Table 2"]
    chosen = [row for row in table.rows if row.name in SURVEY]
    body = [
        [row.name, *SURVEY[row.name], *(_printed(value) for value in row.values[:2])]
        for row in chosen
    ]
    return markdown_table(["work", "encoding", "fusion", *table.columns[:2]], body)


def _printed(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.2f}"


def embedded(reports: Path, names: Iterable[str]) -> dict[str, Found]:
    """Return what the embedded model gave on the same sets, where a report says so."""
    found = {}
    for name in names:
        path = reports / f"interactive-{name}.json"
        if path.exists():
            found[name] = json.loads(path.read_text("utf-8"))["results"]["compact"]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is missing, and write guided.md and guided.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", nargs="*", default=[], metavar="SET=N")
    parser.add_argument("--keep", type=Path, required=True, help="folder of the records")
    parser.add_argument("--only-kept", action="store_true", help="report what is complete there")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    given = parser.parse_args(arguments)
    limits = {name: int(count) for name, count in (one.split("=") for one in given.limit)}
    given.keep.mkdir(parents=True, exist_ok=True)
    asked = studies(given.data, limits)
    found = measure(given.runs, asked, given.keep, only_kept=given.only_kept)
    facts = run_facts("python -m benchmarks.guided")
    full = [study.data.name for study in asked if study.data.name not in limits]
    text = page(found, facts, embedded(given.out, full))
    atomic_write(given.out / "guided.md", text.encode(), force=True)
    tree = json.dumps({"run": facts, "results": found}) + "\n"
    atomic_write(given.out / "guided.json", tree.encode(), force=True)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
