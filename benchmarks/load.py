"""``python -m benchmarks.load``: many clients click at once, on a real server over loopback.

Three runs: people, who look at an answer before they click again; programs, which do not; and
programs again on a server whose queue is far too short, which must refuse cleanly and recover.
Server and clients share the machine, so the clients' own work is in every number.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import biprompt
from benchmarks import machine
from benchmarks.clients import Tally, crowd, one_by_one
from benchmarks.questions import Question, photographs, questions
from benchmarks.served import served
from biprompt.evaluation.page.markdown import markdown_table

_PAUSE = 2.0
_SHORT_QUEUE = 2
_AFTERWARDS = 20
"""Questions one after the other, when the crowd has gone."""


@dataclass(frozen=True, slots=True)
class Load:
    """One run.

    Attributes:
        pause: seconds between two clicks of a client, on average.
        queue: requests that could wait for the model.
        seconds: how long the clients asked.
        tally: what they saw.
        after: what one client saw afterwards.
        memory: bytes of resident memory of the server, sampled twice a second.
        counted: the server's own counters.
        cpu_seconds: processor time of the server, looks included.
    """

    pause: float
    queue: int
    seconds: float
    tally: Tally
    after: Tally
    memory: Sequence[int]
    counted: dict[str, float]
    cpu_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        calls = self.counted.get("biprompt_batch_prompts_count", 0.0)
        middle = self.memory[len(self.memory) // 2 :] or [0]
        return {
            "pause": self.pause,
            "queue": self.queue,
            "seconds": self.seconds,
            "answers": len(self.tally.seconds),
            "answers_per_second": len(self.tally.seconds) / self.seconds,
            **_percentiles(self.tally.seconds),
            "statuses": {str(status): n for status, n in sorted(self.tally.statuses.items())},
            "wrong_answers": self.tally.wrong + self.after.wrong,
            "refusals_without_retry_after": self.tally.rude,
            "afterwards": {str(status): n for status, n in self.after.statuses.items()},
            "images_looked_at": self.counted.get('biprompt_looks_total how="made"', 0.0),
            "cpu_seconds_per_answer": self.cpu_seconds / max(1, len(self.tally.seconds)),
            "prompts_per_call": self.counted.get("biprompt_batch_prompts_sum", 0.0) / max(calls, 1),
            "memory_bytes": {"half_way": middle[0], "end": middle[-1], "most": max(self.memory)},
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 where an answer was wrong or the server did not recover."""
    options = _options(arguments)
    facts = machine.facts()
    files = photographs(options.images)
    asked = questions(biprompt.load(threads=1), files)
    ways = ((_PAUSE, options.queue), (0.0, options.queue), (0.0, _SHORT_QUEUE))
    runs = [_run(options, files, asked, *way) for way in ways]
    told = [run.to_dict() for run in runs]
    print(_table(told))
    print(f"\n- {options.clients} clients, {options.images} photographs of 640 x 480")
    for line in machine.lines(facts):
        print(f"- {line}")
    if options.json:
        report = {"run": facts, "clients": options.clients, "loads": told}
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if all(_is_sound(one, options.images) for one in told) else 1


def _run(
    options: argparse.Namespace, files: list[bytes], asked: list[Question], pause: float, queue: int
) -> Load:
    print(f"measuring {options.seconds:g} s: {_way(pause, queue)} ...", file=sys.stderr)
    arguments = ("--queue", str(queue), "--workers", str(options.workers))
    with served(*arguments) as server:
        before = server.cpu_seconds()
        tally = crowd(server, files, asked, options.clients, options.seconds, pause)
        cpu = server.cpu_seconds() - before
        after = one_by_one(server, files, asked[:: len(asked) // _AFTERWARDS or 1])
        return Load(
            pause, queue, options.seconds, tally, after, server.memory, server.metrics(), cpu
        )


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}


def _is_sound(told: dict[str, Any], images: int) -> bool:
    clean = not told["wrong_answers"] and not told["refusals_without_retry_after"]
    return clean and set(told["afterwards"]) == {"200"} and told["images_looked_at"] == images


def _table(told: Sequence[dict[str, Any]]) -> str:
    header = ["", *(_way(one["pause"], one["queue"]) for one in told)]
    rows = [
        ["answers a second", *(f"{one['answers_per_second']:.1f}" for one in told)],
        *([name, *(f"{one.get(name, 0) * 1e3:.0f} ms" for one in told)] for name in
          ("p50", "p95", "p99")),
        ["processor time per answer",
         *(f"{one['cpu_seconds_per_answer'] * 1e3:.0f} ms" for one in told)],
        ["statuses", *(_counts(one["statuses"]) for one in told)],
        ["wrong answers", *(str(one["wrong_answers"]) for one in told)],
        ["afterwards", *(_counts(one["afterwards"]) for one in told)],
        ["images looked at", *(f"{one['images_looked_at']:.0f}" for one in told)],
        ["prompts in a call", *(f"{one['prompts_per_call']:.1f}" for one in told)],
        ["memory half way, at the end", *(_memory(one["memory_bytes"]) for one in told)],
    ]  # fmt: skip
    return markdown_table(header, rows)


def _way(pause: float, queue: int) -> str:
    clicks = f"a click every {pause:g} s" if pause else "click after click"
    return f"{clicks}, queue of {queue}"


def _counts(statuses: dict[str, int]) -> str:
    return ", ".join(f"{status}: {count:,}" for status, count in statuses.items())


def _memory(told: dict[str, int]) -> str:
    return f"{told['half_way'] * 1e-6:.0f} MB, {told['end'] * 1e-6:.0f} MB"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=50, help="at a time (50)")
    parser.add_argument("--images", type=int, default=10, help="photographs they click on (10)")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of a run (60)")
    parser.add_argument("--queue", type=int, default=128, help="requests that may wait (128)")
    parser.add_argument("--workers", type=int, default=2, help="calls of the model at a time (2)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all numbers to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
