"""What we measured, as rows of the paper's own tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biprompt.evaluation.biprompt.asking import NAME
from biprompt.evaluation.published import Given, Row

PAPER = "biprompt-sam"
ENDOVIS = "endovis17-objects"

_GATES = {"gate_paper": "click + name, pool=paper", "gate_wide": "click + name, pool=wide"}
_TABLE_1 = {"box": "tight box alone", **_GATES}
_TABLE_2 = {
    "text": "name alone",
    "click_own": "click alone",
    "click_best": "click alone, best candidate (by the truth)",
    **_GATES,
}
_GIVEN = {
    "box": frozenset({Given.BOX}),
    "text": frozenset({Given.NAME}),
    "click_own": frozenset({Given.CLICK}),
    "click_best": frozenset({Given.CLICK}),
}
_BOTH = frozenset({Given.CLICK, Given.NAME})
_SENTENCE = frozenset({Given.CLICK, Given.TEXT})
_COLUMNS = {"refcocog": 2, "refcoco+": 1, "refcoco": 0}
"""Columns of Table 3, by how the names of our data sets begin; the longest first."""


def our_rows(report: Mapping[str, Any]) -> Mapping[tuple[str, str], Sequence[Row]]:
    """Return rows for the paper's tables, by paper and table; numbers in per cent.

    Tables 1, 2 and 4 get whatever named objects were measured, with a caveat where they are not
    EndoVis17; Table 3 gets RefCOCO and its kin.

    Args:
        report: as `Study.page` takes it.
    """
    name, found = next(iter(report["results"].items()))
    if not found["objects"]:
        return {}
    dataset = report["settings"]["dataset"]
    column = next((i for key, i in _COLUMNS.items() if dataset.startswith(key)), None)
    if column is not None:
        return {(PAPER, "Table 3"): list(_referring(name, found, column, report["data"]["name"]))}
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for caveat, scores in _readings(report, found).items():
        rows[PAPER, "Table 1"] += _measured(name, scores, _TABLE_1, caveat)
        rows[PAPER, "Table 2"] += _measured(name, scores, _TABLE_2, caveat)
        rows[PAPER, "Table 4"] += _worded(name, scores, caveat)
    return rows


def _readings(report: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """How the scores were averaged, in words, and the scores."""
    where = report["data"]["name"]
    other = "" if report["settings"]["dataset"] == ENDOVIS else "other data: "
    frames = {f"{other}{where}, by class and frame": found["frames"]} if "frames" in found else {}
    return frames | {f"{other}{where}, by object": found}


def _measured(
    name: str, scores: Mapping[str, Any], measures: Mapping[str, str], caveat: str
) -> Iterator[Row]:
    for measure, words in measures.items():
        if measure in scores["iou"]:
            values = (_percent(scores["dice"][measure]), _percent(scores["iou"][measure]))
            yield Row(f"{name}: {words}", values, _GIVEN.get(measure, _BOTH), caveat)


def _worded(name: str, scores: Mapping[str, Any], caveat: str) -> Iterator[Row]:
    for template, each in scores["templates"].items():
        given = _BOTH if NAME in template else _SENTENCE
        values = (_percent(each["dice"]["gate_paper"]), _percent(each["iou"]["gate_paper"]))
        yield Row(f"{name}: {template.replace(NAME, '[class name]')}", values, given, caveat)


def _referring(name: str, found: Mapping[str, Any], column: int, where: str) -> Iterator[Row]:
    for measure, words in {"gate_paper": "pool=paper", "gate_wide": "pool=wide"}.items():
        kinds = {"mIoU": found["iou"][measure]["mean"], "cIoU": found["ciou"][measure]}
        for kind, value in kinds.items():
            values = [None, None, None, None]
            placed = tuple(100 * value if i == column else None for i in range(len(values)))
            yield Row(f"{name}: click + sentence, {words}", placed, _SENTENCE, f"{kind}, {where}")


def _percent(found: Mapping[str, Any]) -> float:
    return 100 * float(found["mean"])
