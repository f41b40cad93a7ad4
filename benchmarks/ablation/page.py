"""The table of the ablations: mean and spread over seeds, and whether the papers' order holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from benchmarks.ablation.rows import STUDIES, Row, Study
from biprompt.evaluation.page.markdown import markdown_table


def to_markdown(report: Mapping[str, Any]) -> str:
    """Return the page."""
    parts = [
        "# EVF-SAM's ablations at small scale",
        "A network of about a million weights, trained with `biprompt train evf-sam` on reduced "
        f"photographs ({', '.join(report['data'])}); cIoU over all sentences of the photographs "
        "kept aside, in percent. Seeds change the start and the order of the data. Only the order "
        "of the rows can be compared with the papers, whose numbers are of pre-trained networks "
        "on RefCOCO testA. The last column compares a row with the one above it, seed by seed.",
        *(_study(study, report["ciou"][study.key]) for study in STUDIES),
        _machine(report["machine"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _study(study: Study, found: Mapping[str, Sequence[float]]) -> str:
    if not any(found.values()):
        return ""
    header = ["", "cIoU, mean", "spread (s.d.)", "each seed", "papers", "below the row above"]
    rows = [
        [row.name, *_numbers(found[row.key]), f"{row.paper:.1f}", _below(study, row, found)]
        for row in study.rows
    ]
    return "\n\n".join(
        [f"## {study.name}", f"{study.source}. {study.about} {study.steps} steps of 16 pictures.",
         markdown_table(header, rows)]
    )  # fmt: skip


def _numbers(values: Sequence[float]) -> list[str]:
    if not values:
        return ["-", "-", "-"]
    spread = f"{100 * stdev(values):.1f}" if len(values) > 1 else "-"
    each = ", ".join(f"{100 * value:.1f}" for value in values)
    return [f"{100 * mean(values):.1f}", spread, each]


def _below(study: Study, row: Row, found: Mapping[str, Sequence[float]]) -> str:
    place = study.rows.index(row)
    pairs = list(zip(found[study.rows[place - 1].key], found[row.key], strict=False))
    if place == 0 or not pairs:
        return ""
    return f"in {sum(a > b for a, b in pairs)} of {len(pairs)} seeds"


def _machine(facts: Mapping[str, Any]) -> str:
    return f"Measured {facts['date']} at commit {facts['commit']}, {facts['machine']}."
