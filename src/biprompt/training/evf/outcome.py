"""What a run has come to: what is held out, measured before, at its best, and at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = {"ciou": "cIoU", "giou": "gIoU", "p50": "P@50"}


def outcome(records: Sequence[Mapping[str, Any]]) -> str:
    """A Markdown table of a log's measurements; empty where nothing was measured.

    Args:
        records: of the log; the first measurement is one "before" where it is of step 0.
    """
    measured = [record for record in records if "validation" in record]
    if not measured:
        return ""
    best = max(measured, key=lambda record: float(record["validation"]["ciou"]))
    rows = [("before", measured[0])] if measured[0]["step"] == 0 else []
    rows += [("best", best), ("last", measured[-1])]
    sentences = int(measured[-1]["validation"]["sentences"])
    head = [f"| held out, {sentences} phrases | step | {' | '.join(_COLUMNS.values())} |"]
    head += [f"|---|---{'|---' * len(_COLUMNS)}|"]
    return "\n".join([*head, *(_row(name, record) for name, record in rows)])


def _row(name: str, record: Mapping[str, Any]) -> str:
    numbers = " | ".join(f"{100 * record['validation'][key]:.1f}" for key in _COLUMNS)
    return f"| {name} | {record['step']} | {numbers} |"
