"""``python -m benchmarks.granularity``: does "part" give the part and "whole" the whole?

Every part of a folder's validation photographs is clicked once, at its deepest point. Each answer,
the gate's own and those of the three granularities, is compared with the part that was clicked and
with the whole: all outlined parts of the photograph together.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import biprompt
from benchmarks import machine
from benchmarks.automatic import Photo, photos
from biprompt import BipromptError, Segmentation, Segmenter
from biprompt.data.clicks import next_click
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.masks import iou_matrix
from biprompt.results import GRANULARITIES

SHARED = Path("../shared/data")
DATA = (SHARED / "carparts-train", SHARED / "faces-train")
NAMES = ("gate", *GRANULARITIES, "best")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 where something is wrong."""
    options = _options(arguments)
    there = [folder for folder in options.data if folder.is_dir()]
    if not there:
        print("granularity: nothing measured, there is no data (--data DIR)")
        return 0
    facts, model = machine.facts(), biprompt.load(threads=1)
    try:
        told = [_folder(model, folder, options.limit) for folder in there]
    except BipromptError as error:
        print(f"granularity: {error}", file=sys.stderr)
        return 1
    header = ["data", "clicks", "IoU with", "the gate", *GRANULARITIES, "best of the three"]
    print(markdown_table(header, [row for one in told for row in _lines(one)]))
    for line in machine.lines(facts):
        print(f"- {line}")
    if options.json:
        options.json.write_text(json.dumps({"run": facts, "folders": told}, indent=1) + "\n")
    return 0


def _folder(model: Segmenter, folder: Path, limit: int) -> dict[str, Any]:
    scores = np.concatenate([_compared(model, photo) for photo in photos(folder, limit)])
    means = scores.mean(axis=0)
    return {
        "data": folder.resolve().name,
        "clicks": len(scores),
        "part": dict(zip(NAMES, means[:, 0].tolist(), strict=True)),
        "whole": dict(zip(NAMES, means[:, 1].tolist(), strict=True)),
    }


def _compared(model: Segmenter, photo: Photo) -> np.ndarray:
    """IoU (clicks, choices and the best, part and whole)."""
    scene, whole = model.embed(photo.pixels), photo.truth.any(axis=0)
    rows = []
    for part in photo.truth:
        click = next_click(part, np.zeros_like(part))
        if click is None:
            continue
        answer = model.segment(scene, points=[(click.x, click.y)])
        if answer.card.levels:
            rows.append(_row(answer, np.stack([part, whole])))
    return np.array(rows).reshape(-1, len(NAMES), 2)


def _row(answer: Segmentation, truths: np.ndarray) -> np.ndarray:
    """IoU (choices and the best, part and whole); the levels are what the policy would choose."""
    masks = np.stack([candidate.mask for candidate in answer.card.candidates])
    ious = iou_matrix(masks, truths)
    levels = [answer.card.levels[name] for name in GRANULARITIES]
    own = iou_matrix(answer.mask[None], truths)
    return np.vstack([own, ious[levels], ious.max(axis=0)])


def _lines(told: dict[str, Any]) -> list[list[str]]:
    return [
        [told["data"], str(told["clicks"]), f"the {of}", *(f"{v:.3f}" for v in told[of].values())]
        for of in ("part", "whole")
    ]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.granularity", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=DATA, help="folders of parts")
    parser.add_argument("--limit", type=int, default=8, help="photographs of each (8)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all numbers to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
