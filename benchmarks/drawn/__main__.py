"""Command line; see the package."""

from __future__ import annotations

import argparse
import json
import pickle
from pathlib import Path

import numpy as np

import biprompt
from benchmarks.drawn.asking import cases_of
from benchmarks.drawn.fitting import fit, gained, summed_up
from benchmarks.drawn.measuring import measure
from biprompt.selection.keeping import NAMES


def main() -> None:
    """Collect, fit or measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drawn")
    parser.add_argument("command", choices=("collect", "fit", "measure"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--objects", type=int, default=60)
    parser.add_argument("--per-image", type=int, default=2)
    asked = parser.parse_args()
    {"collect": _collect, "fit": _fit, "measure": _measure}[asked.command](asked)


def _collect(asked: argparse.Namespace) -> None:
    asked.out.mkdir(parents=True, exist_ok=True)
    model = biprompt.load(threads=1)
    cases = []
    for case in cases_of(model, asked.folder, asked.objects, asked.per_image):
        cases.append(case)
        if len(cases) % 50 == 0:
            print(f"{asked.folder.name}: {len(cases)} drawings", flush=True)
    (asked.out / f"{asked.folder.name}.pickle").write_bytes(pickle.dumps(cases))


def _fit(asked: argparse.Namespace) -> None:
    paths = sorted(asked.folder.glob("*.pickle"))
    cases = [case for path in paths for case in pickle.loads(path.read_bytes())]
    np.savez(asked.out, names=np.array(NAMES), weights=fit(cases))
    for least in (0.0, 0.05, 0.08, 0.1, 0.15):
        print(least, json.dumps(summed_up(gained(cases, least))))


def _measure(asked: argparse.Namespace) -> None:
    measure(biprompt.load(threads=1), asked.folder, asked.out, asked.objects)


if __name__ == "__main__":
    main()
