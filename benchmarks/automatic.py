"""``python -m benchmarks.automatic``: how much of what people outlined the automatic masks find.

For grids of clicks and layers of closer looks: average recall of the outlined things, the number of
masks, and the time of the processor. Recall does not count masks that nobody outlined, so it says
nothing of precision: the number of masks stands beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import biprompt
from benchmarks import machine
from benchmarks.recall import Recalled, summed
from biprompt import BipromptError, Segmenter
from biprompt.data.readers.registry import Kind
from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.evaluation.samples import open_samples
from biprompt.masks import iou_matrix
from biprompt.results.objects import Objects
from biprompt.segmenter.automatic import Automatic

SHARED = Path("../shared/data")
DATA = (SHARED / "coco-train", SHARED / "regions-train")
WAYS = ("16", "8", "16+1", "32")
LEAST = (0.0, 0.3, 0.4, 0.5, 0.6)
"""Thresholds of the predicted IoU. Suppression goes from the best mask down, so cutting the list at
a threshold gives what the same threshold before it would have given."""
NOTES = """\
- AR: mean recall over IoU thresholds .50 to .95; AR@100: of the 100 masks of the highest predicted
  IoU; small, middle, large: AR of things under 1 %, under 10 % and from 10 % of the photograph.
- "16+1" is a grid of 16 x 16 and one layer of 2 x 2 closer looks with 8 x 8 clicks each.
- Seconds are those of the processor for one photograph, the look at it included."""


@dataclass(frozen=True, slots=True)
class Photo:
    """One photograph and what people outlined in it.

    Attributes:
        pixels: (H, W, 3) uint8.
        truth: (N, H, W) bool.
    """

    pixels: NDArray[np.uint8]
    truth: NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 where something is wrong."""
    options = _options(arguments)
    there = [folder for folder in options.data if folder.is_dir()]
    if not there:
        print("automatic: nothing measured, there is no data (--data DIR)")
        return 0
    facts, model = machine.facts(), biprompt.load(threads=1)
    try:
        told = [_folder(model, folder, options) for folder in there]
    except BipromptError as error:
        print(f"automatic: {error}", file=sys.stderr)
        return 1
    for one in told:
        header = ["clicks", "IoU from", *one["rows"][0]["recall"]]
        print(f"\n### {one['data']}: {one['photographs']} photographs, {one['things']} things\n")
        print(markdown_table(header, [_cells(row) for row in one["rows"]]))
    print(f"\n{NOTES}")
    for line in machine.lines(facts):
        print(f"- {line}")
    if options.json:
        options.json.write_text(json.dumps({"run": facts, "folders": told}, indent=1) + "\n")
    return 0


def photos(folder: Path, limit: int) -> Iterator[Photo]:
    """Return some photographs of a folder's validation part, evenly spread."""
    found: dict[Any, list[InteractiveObject]] = {}
    for each in open_samples(folder, kinds=[Kind.INTERACTIVE]).samples:
        found.setdefault(each.image_id, []).append(each)
    names = sorted(found, key=str)
    for name in names[:: max(1, len(names) // limit)][:limit]:
        masks = [mask for each in found[name] if (mask := each.mask()).any()]
        if masks:
            yield Photo(found[name][0].picture.load().pixels, np.stack(masks))


def settings_of(way: str, least: float) -> Automatic:
    """Return the settings that a name like "16" or "16+1" stands for."""
    grid, _, layers = way.partition("+")
    return Automatic(
        grid=int(grid), layers=int(layers or 0), predicted_iou=least, stability=0.0, most=10_000
    )


def _folder(model: Segmenter, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    some = list(photos(folder, options.limit))
    rows = [row for way in options.ways for row in _rows(model, folder, some, way)]
    things = sum(len(photo.truth) for photo in some)
    name = folder.resolve().name
    return {"data": name, "photographs": len(some), "things": things, "rows": rows}


def _rows(
    model: Segmenter, folder: Path, some: Sequence[Photo], way: str
) -> Iterator[dict[str, Any]]:
    found, seconds = [], []
    for number, photo in enumerate(some):
        print(f"{folder.name}, {way}: {number + 1} of {len(some)} ...", file=sys.stderr)
        started = time.process_time()
        objects = model.automatic(photo.pixels, settings=settings_of(way, min(LEAST)))
        seconds.append(time.process_time() - started)
        found.append((np.array([each.score for each in objects]), _ious(objects, photo)))
    sizes = [photo.truth.mean(axis=(1, 2)) for photo in some]
    for least in LEAST:
        told = summed([
            Recalled(ious[scores >= least], size)
            for (scores, ious), size in zip(found, sizes, strict=True)
        ])  # fmt: skip
        row = {"way": way, "least": least, "recall": told | {"s": float(np.median(seconds))}}
        print(" ".join(_cells(row)), file=sys.stderr)  # a long run that is stopped has told these
        yield row


def _ious(objects: Objects, photo: Photo) -> NDArray[np.float64]:
    """IoU (M, N) of every mask, best first, with every outlined thing."""
    rows = [iou_matrix(each.mask[None], photo.truth)[0] for each in objects]
    return np.array(rows).reshape(-1, len(photo.truth))


def _cells(row: dict[str, Any]) -> list[str]:
    numbers = [
        f"{value:.0f}" if name == "masks" else f"{value:.1f}" if name == "s" else f"{value:.3f}"
        for name, value in row["recall"].items()
    ]
    return [row["way"], f"{row['least']:g}", *numbers]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.automatic", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=DATA, help="COCO folders")
    parser.add_argument("--limit", type=int, default=8, help="photographs of each (8)")
    parser.add_argument("--ways", nargs="+", default=WAYS, help="grids, as 16 or 16+1")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all numbers to this file")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
