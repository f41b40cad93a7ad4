"""The measured tables and charts of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from biprompt.evaluation.biprompt.rows import MEASURES
from biprompt.evaluation.page import Block, Bullets, Chart, Series, Table, Text
from biprompt.evaluation.page.numbers import number, with_interval

Found = Mapping[str, Any]

SHORT = {
    "click_own": "click, own pick",
    "click_best": "click, best candidate",
    "text": "words alone",
    "text_mask": "words, presence not asked",
    "gate_paper": "gate, pool=paper",
    "gate_wide": "gate, pool=wide",
}
"""Measures in few words, for columns."""

_PARTS = {"click_own": "own pick", "click_best": "best of its candidates"}
_GATES = ("gate_paper", "gate_wide")
_POINT_COLUMNS = ("click_own", "click_best", *_GATES)
_WORD_COLUMNS = ("text", "text_mask", *_GATES)


def estimated(found: Found) -> str:
    """Return a mean with its interval for a person."""
    return with_interval(found["mean"], found["interval"])


def percent(share: float | None) -> str:
    """Return a share as per cent for a person; a dash for none."""
    return "-" if share is None else f"{number(100 * share, 1)} %"


def answers_blocks(found: Found, others: Mapping[str, Found]) -> Iterator[Block]:
    """Yield the mean scores of every answer, the model's and the baselines'.

    Args:
        found: numbers of the model.
        others: numbers of the baselines, by name.
    """
    rows = list(_answers(found, MEASURES))
    for name, each in others.items():
        rows += _baseline(name, each)
    has_cumulative = "ciou" in found
    header = ("answer", "mean IoU", "mean Dice", *(["cIoU"] if has_cumulative else []))
    yield Table(header, tuple(rows))
    yield bars("Mean IoU of every answer", "answer", _across(found["iou"], MEASURES))


def _answers(found: Found, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for measure, iou in found["iou"].items():
        cumulative = [number(found["ciou"][measure])] if "ciou" in found else []
        scores = (estimated(iou), estimated(found["dice"][measure]))
        yield names[measure], *scores, *cumulative


def _baseline(name: str, found: Found) -> Iterator[tuple[str, ...]]:
    """What a baseline was clicked for; one that has a single candidate is one row."""
    own, best = _answers(found, {measure: f"{name}: {part}" for measure, part in _PARTS.items()})
    yield own
    if own[1:] != best[1:]:
        yield best


def gains_table(found: Found) -> Table:
    """Return the paired differences."""
    rows = ((name.replace("_", " "), estimated(gain)) for name, gain in found["gain"].items())
    return Table(("paired difference", "mean IoU"), tuple(rows))


def choices(found: Found) -> Bullets:
    """Return what was picked, who won, and what was said."""
    best, verdicts = found["picked_best"], found["verdicts"]
    lines = [
        "takes the best of the click's candidates: "
        f"own pick {percent(best['own'])}, gate with pool=paper {percent(best['gate_paper'])}",
        "takes the best of its own, more candidates: "
        f"gate with pool=wide {percent(found['picked_best_of_wide'])}",
        f"winners of pool=wide: {_counts(found['winners'])}",
        *(f"verdicts, {SHORT[name]}: {_counts(each)}" for name, each in verdicts.items()),
        f"words understood: {percent(found['understood'])}",
        f"correlation of predicted with true IoU: {number(found['score_correlation'], 2)}",
    ]
    return Bullets(tuple(lines))


def points_blocks(points: Mapping[str, Found]) -> Iterator[Block]:
    """Yield the scores by source of the point."""
    yield _table("point", points, _POINT_COLUMNS)
    series = _by_column(points, _POINT_COLUMNS)
    yield bars("Mean IoU by where the single point comes from", "point", series)


def templates_blocks(templates: Mapping[str, Found]) -> Iterator[Block]:
    """Yield the scores by template; what the model does not understand is named."""
    quoted = {f"`{template}`": found for template, found in templates.items()}
    extra = {
        "understood": {n: _understood(each["understood"]) for n, each in quoted.items()},
        "called absent": {n: percent(each["absent"]) for n, each in quoted.items()},
    }
    is_known = any(each["absent"] is not None for each in quoted.values())
    yield _table("words", quoted, _WORD_COLUMNS, extra if is_known else None)
    unknown = [name for name, each in quoted.items() if each["understood"] == 0]
    if unknown:
        names = ", ".join(unknown)
        yield Text(
            f"**The model understands nothing of {names}**: the words alone find nothing there, "
            "and the click decides by itself."
        )
    yield bars("Mean IoU by template", "words", _by_column(templates, _WORD_COLUMNS))


def _understood(share: float | None) -> str:
    return "**no**" if share == 0 else percent(share)


def _table(
    first: str,
    rows: Mapping[str, Found],
    columns: Sequence[str],
    extra: Mapping[str, Mapping[str, str]] | None = None,
) -> Table:
    """A row a name: further cells, the mean IoU of some columns, and what the gates gain.

    The intervals of the means are in the chart.
    """
    more = extra or {}
    header = (
        first,
        *more,
        *(SHORT[c] for c in columns),
        *(f"{SHORT[g]} - click" for g in _GATES),
    )
    return Table(
        header,
        tuple(
            (
                name,
                *(cells[name] for cells in more.values()),
                *(number(found["iou"][column]["mean"]) for column in columns),
                *(estimated(found["gain"][gate]) for gate in _GATES),
            )
            for name, found in rows.items()
        ),
        caption="Mean IoU; in the last two columns the paired difference to the click's own pick.",
    )


def _by_column(rows: Mapping[str, Found], columns: Iterable[str]) -> tuple[Series, ...]:
    return tuple(
        series_of(SHORT[column], {name: each["iou"][column] for name, each in rows.items()})
        for column in columns
    )


def _across(found: Mapping[str, Found], names: Mapping[str, str]) -> tuple[Series, ...]:
    return (series_of("mean IoU", {names[key]: each for key, each in found.items()}),)


def series_of(name: str, found: Mapping[Any, Found]) -> Series:
    """Return a series of means with their intervals, by place or name."""
    return Series(
        name,
        x=tuple(found),
        y=tuple(each["mean"] for each in found.values()),
        low=tuple(each["interval"][0] for each in found.values()),
        high=tuple(each["interval"][1] for each in found.values()),
    )


def bars(title: str, along: str, series: tuple[Series, ...]) -> Chart:
    """Return a chart of mean IoU by name."""
    return Chart(title, along, "mean IoU", series, kind="bar")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
