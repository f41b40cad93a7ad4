"""The measured tables and charts of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from biprompt.evaluation.biprompt.points import POINTS
from biprompt.evaluation.biprompt.rows import MEASURES
from biprompt.evaluation.page import Block, Bullets, Chart, Series, Table, Text
from biprompt.evaluation.page.numbers import number, with_interval

Found = Mapping[str, Any]

_SHORT = {
    "click_own": "click, own pick",
    "click_best": "click, best candidate",
    "text": "words alone",
    "text_mask": "words, presence not asked",
    "gate_paper": "gate, pool=paper",
    "gate_wide": "gate, pool=wide",
}
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
        rows += _answers(each, {measure: f"{name}: {part}" for measure, part in _PARTS.items()})
    has_cumulative = "ciou" in found
    header = ("answer", "mean IoU", "mean Dice", *(["cIoU"] if has_cumulative else []))
    yield Table(header, tuple(rows))
    yield _bars("Mean IoU of every answer", "answer", _across(found["iou"], MEASURES))


def _answers(found: Found, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for measure, iou in found["iou"].items():
        cumulative = [number(found["ciou"][measure])] if "ciou" in found else []
        scores = (estimated(iou), estimated(found["dice"][measure]))
        yield names[measure], *scores, *cumulative


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
        *(f"verdicts, {_SHORT[name]}: {_counts(each)}" for name, each in verdicts.items()),
        f"words understood: {percent(found['understood'])}",
        f"correlation of predicted with true IoU: {number(found['score_correlation'], 2)}",
    ]
    return Bullets(tuple(lines))


def points_blocks(points: Mapping[str, Found]) -> Iterator[Block]:
    """Yield the scores by source of the point."""
    yield Bullets(tuple(f"{source}: {POINTS[source]}" for source in points))
    yield _table("point", points, _POINT_COLUMNS)
    series = _by_column(points, _POINT_COLUMNS)
    yield _bars("Mean IoU by where the single point comes from", "point", series)


def templates_blocks(templates: Mapping[str, Found]) -> Iterator[Block]:
    """Yield the scores by template; what the model does not understand is named."""
    quoted = {f"`{template}`": found for template, found in templates.items()}
    extra = {
        "understood": {n: _understood(each.get("understood")) for n, each in quoted.items()},
        "called absent": {n: percent(each.get("absent")) for n, each in quoted.items()},
    }
    yield _table("words", quoted, _WORD_COLUMNS, extra)
    unknown = [name for name, each in quoted.items() if each.get("understood") == 0]
    if unknown:
        names = ", ".join(unknown)
        yield Text(
            f"**The model understands nothing of {names}**: the words alone find nothing there, "
            "and the click decides by itself."
        )
    yield _bars("Mean IoU by template", "words", _by_column(templates, _WORD_COLUMNS))


def _understood(share: float | None) -> str:
    return "**no**" if share == 0 else percent(share)


def weights_blocks(weights: Mapping[str, Mapping[str, Found]]) -> Iterator[Block]:
    """Yield the grid of eq. 8: IoU by weights and pool, and the best weights."""
    names = list(weights["paper"])
    rows = (
        (name, *(cell for pool in weights.values() for cell in _weighed(pool[name])))
        for name in names
    )
    header = ("w1 (words), w2 (predicted IoU), w3 (similarity)",)
    columns = (column for pool in weights for column in (f"pool={pool}", "above IoU only"))
    yield Table((*header, *columns), tuple(rows))
    yield Bullets(tuple(_best(pool, found) for pool, found in weights.items()))
    series = tuple(_line(f"pool={pool}", found) for pool, found in weights.items())
    title = "Joint score: from similarity alone (left) to predicted IoU alone (right)"
    yield Chart(title, "w2 / (w2 + w3)", "mean IoU", series, y_range=None)


def _weighed(found: Found) -> tuple[str, str]:
    return estimated(found["iou"]), estimated(found["above_iou_only"])


def _best(pool: str, found: Mapping[str, Found]) -> str:
    name = max(found, key=lambda each: found[each]["iou"]["mean"])
    above, alone = found[name]["above_iou_only"], next(iter(found))
    if above["mean"] == 0:
        return f"pool={pool}: no weights are better than IoU only ({alone}), as the paper found"
    low, high = above["interval"]
    sure = "" if low > 0 or high < 0 else ", which is not clear"
    return (
        f"pool={pool}: best at {name}, {estimated(above)} above IoU only{sure}; too kind a number, "
        "as the best of many weights was chosen on the same objects"
    )


def _line(name: str, found: Mapping[str, Found]) -> Series:
    """IoU over the share of w2; w1 moves nothing, so weights of one share are one place."""
    places: dict[float, Found] = {}
    for weights, each in found.items():
        _, second, third = (float(weight) for weight in weights.split(","))
        if second + third > 0:
            places.setdefault(round(second / (second + third), 6), each["iou"])
    return _series(name, dict(sorted(places.items())))


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
        *(_SHORT[c] for c in columns),
        *(f"{_SHORT[g]} - click" for g in _GATES),
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
        _series(_SHORT[column], {name: each["iou"][column] for name, each in rows.items()})
        for column in columns
    )


def _across(found: Mapping[str, Found], names: Mapping[str, str]) -> tuple[Series, ...]:
    return (_series("mean IoU", {names[key]: each for key, each in found.items()}),)


def _series(name: str, found: Mapping[Any, Found]) -> Series:
    return Series(
        name,
        x=tuple(found),
        y=tuple(each["mean"] for each in found.values()),
        low=tuple(each["interval"][0] for each in found.values()),
        high=tuple(each["interval"][1] for each in found.values()),
    )


def _bars(title: str, along: str, series: tuple[Series, ...]) -> Chart:
    return Chart(title, along, "mean IoU", series, kind="bar")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
