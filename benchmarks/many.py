"""``python -m benchmarks.many``: hundreds of clicks on one photograph in one call.

Beside `Segmenter.segment_many` stands the plain way: all prompts answered at once and every mask
held as an array. Each way runs in a process of its own, which tells the processor's seconds and its
peak memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import biprompt
from benchmarks import machine
from biprompt import Prompt
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.experts.answer import answer_all
from biprompt.experts.plan import Asked

PHOTO = Path(__file__).parents[1] / "examples" / "coffee.jpg"
CASES = ((1.0, 500, "plain"), (1.0, 500, "ours"), (5.0, 40, "plain"), (5.0, 40, "ours"),
         (5.0, 500, "ours"))  # fmt: skip
"""How many times larger than it is, clicks, and which way. The plain way of the last one would take
more memory than the machine has."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    options = _options(arguments)
    if options.one:
        print(json.dumps(_one(*json.loads(options.one))))
        return 0
    facts = machine.facts()
    rows = [_fresh(*case) for case in CASES]
    header = ["photograph", "clicks", "way", "seconds", "ms a click", "memory over the start"]
    print(markdown_table(header, [_cells(row) for row in rows]))
    for line in machine.lines(facts):
        print(f"- {line}")
    if options.json:
        options.json.write_text(json.dumps({"run": facts, "rows": rows}, indent=1) + "\n")
    return 0


def _fresh(scale: float, count: int, way: str) -> dict[str, Any]:
    print(f"{count} clicks, {scale:g} times, {way} ...", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.many", "--one", json.dumps([scale, count, way])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _one(scale: float, count: int, way: str) -> dict[str, Any]:
    model = biprompt.load(threads=1)
    with Image.open(PHOTO) as small:
        picture = small.resize((round(small.width * scale), round(small.height * scale)))
    scene = model.embed(picture)
    height, width = scene.frame.original_hw
    at = np.random.default_rng(0).uniform((0, 0), (width, height), (count, 2))
    prompts = [Prompt.build(points=[point]) for point in at]
    model.segment_many(scene, prompts[:1])
    before, started = _peak(), time.process_time()
    if way == "ours":
        answers = model.segment_many(scene, prompts)
    else:
        asked = [Asked.of(prompt, model.reader, scene.frame) for prompt in prompts]
        answers = answer_all(model.runtime, scene, asked, model.policy)
    seconds = time.process_time() - started
    areas = [int(answer.mask.sum()) for answer in answers]
    return {
        "hw": [height, width], "clicks": count, "way": way, "seconds": seconds,
        "bytes": _peak() - before, "pixels": sum(areas),
    }  # fmt: skip


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _cells(row: dict[str, Any]) -> list[str]:
    height, width = row["hw"]
    each = 1000 * row["seconds"] / row["clicks"]
    return [
        f"{width} x {height}", str(row["clicks"]), row["way"], f"{row['seconds']:.1f}",
        f"{each:.0f}", f"{row['bytes'] / 1e6:,.0f} MB",
    ]  # fmt: skip


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all numbers to this file")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
