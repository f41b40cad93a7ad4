"""What `biprompt label` says: before, meanwhile and afterwards."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from biprompt.cli.progress import Progress
from biprompt.cli.table import table

if TYPE_CHECKING:
    from biprompt.labeling.dataset import Summary
    from biprompt.labeling.order import Order
    from biprompt.labeling.pace import Pace
    from biprompt.labeling.run import Ahead

LOG_SECONDS = 30.0
MOST_LABELS = 12


class Teller:
    """Says how far a run is: on the terminal's status line, else a line on stderr now and then.

    Args:
        progress: the status line.
    """

    def __init__(self, progress: Progress) -> None:
        """Start to count the seconds."""
        self._progress = progress
        self._logged = time.monotonic()

    def paced(self, pace: Pace) -> None:
        """Report how far the images are."""
        self._tell(str(pace))

    def assembled(self, done: int, total: int) -> None:
        """Report how far the data set is."""
        self._tell(f"writing the data set: {done} of {total} images")

    def _tell(self, text: str) -> None:
        self._progress.step(text)
        now = time.monotonic()
        if not sys.stderr.isatty() and now - self._logged >= LOG_SECONDS:
            print(text, file=sys.stderr, flush=True)
            self._logged = now


def summary_text(summary: Summary, order: Order, seconds: float) -> str:
    """Lay out what came of a run."""
    from biprompt.labeling.pace import duration

    facts = summary.to_dict()
    rows = [
        ("images", str(summary.images)),
        ("failed", f"{summary.failed}, see failures.jsonl" if summary.failed else "0"),
        ("answers", _counted(facts["verdicts"])),
        ("objects", _counted(facts["objects"])),
        ("to review", f"{summary.doubtful}: biprompt serve --review {order.out}"),
        ("time", duration(seconds)),
        ("written to", order.out),
    ]
    if summary.prompts_failed:
        failed = f"{summary.prompts_failed}, see failures.jsonl"
        rows.insert(2, ("prompts failed", failed))
    if summary.not_understood:
        unknown = f"no word of: {', '.join(facts['not_understood'])}"
        rows.insert(4, ("not known to the model", unknown))
    return table(rows)


def ahead_facts(ahead: Ahead) -> dict[str, Any]:
    """Return what a run would do as plain JSON values."""
    plan = ahead.plan
    return {
        "images": plan.count,
        "unasked": plan.unasked,
        "done": ahead.done,
        "failed": ahead.failed,
        "todo": ahead.todo,
        "labels": list(plan.labels),
        "prompts_of_all": [ask.to_dict() for ask in plan.common],
        "first": [{"image": item.name, "source": item.source} for item in ahead.first],
    }


def ahead_text(ahead: Ahead, order: Order) -> str:
    """Lay out what a run would do."""
    plan = ahead.plan
    shown = ", ".join(plan.labels[:MOST_LABELS])
    more = len(plan.labels) - MOST_LABELS
    rows = [
        ("images", str(plan.count)),
        ("without a prompt", f"{plan.unasked}, left out"),
        ("done", f"{ahead.done}, {ahead.failed} of them failed"),
        ("to do", str(ahead.todo)),
        ("prompts of every image", str(len(plan.common))),
        ("labels", f"{shown} and {more} more" if more > 0 else shown),
        ("model", order.model.name),
        ("formats", ", ".join(order.formats)),
        ("to", order.out),
        *(("for example", item.name) for item in ahead.first),
    ]
    left_out = {"without a prompt"} if not plan.unasked else set()
    left_out |= {"done"} if not ahead.done else set()
    return table([row for row in rows if row[0] not in left_out])


def _counted(counts: dict[str, int]) -> str:
    shown = [f"{name} {count}" for name, count in list(counts.items())[:MOST_LABELS]]
    more = len(counts) - MOST_LABELS
    return ", ".join([*shown, f"{more} more"] if more > 0 else shown) or "none"
