"""``python -m benchmarks.labeling_ray``: `biprompt label --ray local` against `--workers`.

As many actors of one core as workers of one thread label the same photographs; the files of both
data sets must be the same bytes.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.labeling import PHOTOGRAPHS, PHRASES
from benchmarks.timing import Sample, gather
from biprompt import BipromptError
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.labeling.cluster import Cluster, ClusterCrew
from biprompt.labeling.crew import Crew
from biprompt.labeling.hand import Load, Workers
from biprompt.labeling.order import How, Order
from biprompt.labeling.run import FILES, label
from biprompt.labeling.values import ModelName

Hire = Callable[[Load, How], Workers]
NOTES = """\
- Seconds are from the command to the data set: a cluster is started and left, models are loaded.
- "more images/s" is what the longer run did more than the shorter one, in the time that it took
  longer: starts and ends are not in it, so it is what a long run is made of.
- The files of both data sets are compared; a difference ends this with status 1."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a way took.

    Attributes:
        limits: images of the shorter and of the longer run.
        seconds: of these.
    """

    limits: tuple[int, int]
    seconds: tuple[Sample, Sample]

    @property
    def per_second(self) -> float:
        """Images a second between the two, by the medians; not a number where noise was larger."""
        longer = self.seconds[1].median - self.seconds[0].median
        return (self.limits[1] - self.limits[0]) / longer if longer > 0 else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        seconds = [sample.to_dict() for sample in self.seconds]
        rate = None if math.isnan(self.per_second) else self.per_second
        return {"images": self.limits, "seconds": seconds, "more_per_second": rate}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0: 1 where the data sets differ."""
    options = _options(arguments)
    facts: dict[str, Any] = machine.facts()
    try:
        measured, files = measure(options, _ways(options.count))
    except BipromptError as error:
        print(f"labeling_ray: {error}", file=sys.stderr)
        return 1
    print(_table(measured))
    print(f"\n- phrases {options.prompts!r}; medians of {options.repeat} runs\n{NOTES}")
    print(*(f"- {line}" for line in machine.lines(facts)), sep="\n")
    if options.json:
        ways = {name: one.to_dict() for name, one in measured.items()}
        options.json.write_text(json.dumps({"run": facts, "ways": ways}, indent=1) + "\n")
    first, *others = files
    different = [name for name in others if files[name] != files[first]]
    for name in different:
        print(f"benchmarks: {name} gave other files than {first}", file=sys.stderr)
    return 1 if different else 0


def measure(
    options: argparse.Namespace, ways: dict[str, Hire]
) -> tuple[dict[str, Measured], dict[str, list[bytes]]]:
    """Run every way by turns, so that a slow minute is everybody's; its times, and its files."""
    low, high = sorted(options.limits)
    seconds: dict[tuple[str, int], list[float]] = {}
    files: dict[str, list[bytes]] = {}
    for turn in range(options.repeat):
        for name, limit in product(ways, (low, high)):
            print(f"measuring {name}, {limit} images, {turn + 1} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory() as folder:
                took = _label(options, ways[name], limit, folder)
                files[name] = [Path(folder, file).read_bytes() for file in FILES]
            seconds.setdefault((name, limit), []).append(took)
    measured = {
        name: Measured((low, high), (gather(seconds[name, low]), gather(seconds[name, high])))
        for name in ways
    }
    return measured, files


def _ways(count: int) -> dict[str, Hire]:
    cluster = Cluster("local", count, count)
    return {
        f"--workers {count}": lambda load, how: Crew(load, count, 1),
        f"--ray local --actors {count}": lambda load, how: ClusterCrew(load, cluster),
    }


def _label(options: argparse.Namespace, hire: Hire, limit: int, out: str) -> float:
    """Seconds from the command to the data set."""
    model = ModelName(options.model, threads=1)
    order = Order(str(options.images), options.prompts, out, model)
    started = time.perf_counter()
    label(order, How(limit=limit), hire=hire)
    return time.perf_counter() - started


def _table(measured: dict[str, Measured]) -> str:
    every = list(measured.values())
    low, high = every[0].limits
    header = ["", f"{low} images, s", f"{high} images, s", "more images/s", "times as fast"]
    rows = [
        [
            name,
            *(f"{sample.median:.1f}" for sample in one.seconds),
            f"{one.per_second:.2f}",
            f"{one.per_second / every[0].per_second:.2f} x",
        ]
        for name, one in measured.items()
    ]
    return markdown_table(header, rows)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labeling_ray", description=__doc__)
    parser.add_argument("--images", type=Path, default=PHOTOGRAPHS, help="folder of photographs")
    parser.add_argument(
        "--limits", type=int, nargs=2, default=[100, 300], help="of the two runs (100 300)"
    )
    parser.add_argument("--prompts", default=PHRASES, help=f"phrases ({PHRASES})")
    parser.add_argument("--model", default="compact", help="a model's name or exported folder")
    parser.add_argument("--count", type=int, default=2, help="workers, and actors (2)")
    parser.add_argument("--repeat", type=int, default=3, help="repeats of each way (3)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write every repeat to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
