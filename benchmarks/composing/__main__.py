"""Command line of the fit; see the package."""

from __future__ import annotations

import argparse
import json
import pickle
from pathlib import Path

import numpy as np

import biprompt
from benchmarks.composing.collecting import cases_of
from benchmarks.composing.fitting import fit, summed_up, validated
from biprompt.selection.evidence import NAMES


def main() -> None:
    """Collect or fit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composing")
    commands = parser.add_subparsers(dest="command", required=True)
    collecting = commands.add_parser("collect")
    collecting.add_argument("folder", type=Path)
    collecting.add_argument("--out", type=Path, required=True)
    collecting.add_argument("--objects", type=int, default=50)
    collecting.add_argument("--per-image", type=int, default=2)
    collecting.add_argument("--seed", type=int, default=0)
    fitting = commands.add_parser("fit")
    fitting.add_argument("folder", type=Path)
    fitting.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    if asked.command == "collect":
        _collect(asked)
    else:
        _fit(asked.folder, asked.out)


def _collect(asked: argparse.Namespace) -> None:
    model = biprompt.load(threads=1)
    asked.out.mkdir(parents=True, exist_ok=True)
    path = asked.out / f"{asked.folder.name}-{asked.seed}.pickle"
    cases, told = [], 0
    for case in cases_of(model, asked.folder, asked.objects, asked.per_image, asked.seed):
        cases.append(case)
        if case["object"] >= told + 10:
            told = case["object"]
            print(f"{path.stem}: {told} objects, {len(cases)} cases", flush=True)
            path.write_bytes(pickle.dumps(cases))
    path.write_bytes(pickle.dumps(cases))
    print(f"{path.stem}: {len(cases)} cases")


def _fit(folder: Path, out: Path) -> None:
    read = [pickle.loads(path.read_bytes()) for path in sorted(folder.glob("*.pickle"))]
    cases = [case for one in read for case in one if case["words"] != "disagree-True"]
    rule = fit(cases)
    np.savez(out, names=np.array(NAMES), gain=rule.gain, law=rule.law, pool=rule.pool)
    print(json.dumps(summed_up(validated(cases)), indent=2))


if __name__ == "__main__":
    main()
