"""``python -m benchmarks.ablation``: train every row with every seed, and write the table.

Stopped, the same command goes on where it was. The numbers are of a network of a million weights
on reduced photographs: what can be compared with the papers is the order of the rows alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.ablation.page import to_markdown
from benchmarks.ablation.rows import BASE, STUDIES
from benchmarks.ablation.runs import Runs
from benchmarks.machine import facts


def main() -> int:
    """Run what is not finished, and write what is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", required=True, help="COCO folder")
    parser.add_argument("--runs", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    parser.add_argument("--only-write", action="store_true", help="train nothing")
    given = parser.parse_args()
    runs = Runs(tuple(given.data), given.runs)
    given.runs.mkdir(parents=True, exist_ok=True)
    plan = [(s, row, n) for s in (BASE, *STUDIES) for n in range(s.seeds) for row in s.rows]
    for study, row, seed in plan if not given.only_write else ():
        if runs.ciou(study, row, seed) is None:
            print(f"{study.key}, {row.name}, seed {seed}", file=sys.stderr, flush=True)
            runs.carry_out(study, row, seed)
    found = {s.key: {row.key: runs.found(s, row) for row in s.rows} for s in STUDIES}
    report = {"machine": facts(), "data": [path.name for path in given.data], "ciou": found}
    (given.out / "ablation.json").write_text(json.dumps(report, indent=1) + "\n")
    text = to_markdown(report)
    (given.out / "ablation.md").write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
