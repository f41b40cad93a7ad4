"""A 12,000 x 12,000 image by tiles: seconds, processor time and peak memory, beside the plain way.

``python -m benchmarks.tiles`` lays the photographs of examples/ side by side into a GeoTIFF and a
PNG, asks each task in a process of its own, and writes docs/results/tiles.md. As every third
photograph shows a cat, it is known where the word must be found.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from benchmarks.machine import facts, lines
from biprompt.io.decode import MAX_PIXELS_VARIABLE

CELL = 1000
"""Side of a photograph in the large image, in pixels."""
SIDE = 12000
WORD, CAT = "cat", 1
PHOTOGRAPHS = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg")
EXAMPLES = Path(__file__).parent.parent / "examples"
OUT = Path("docs/results")
TASKS = {
    "click-tiff": "a click, GeoTIFF by tiles",
    "click-png": "a click, PNG by tiles",
    "plain-tiff": "words, GeoTIFF the plain way",
    "words-tiff": "words, GeoTIFF by tiles",
}


def main() -> int:
    """Make the images, run every task, print and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tiles", description=__doc__)
    parser.add_argument("--side", type=int, default=SIDE, help="of the image, in pixels")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of tiles.json and tiles.md")
    parser.add_argument("--task", choices=TASKS, help="run one task on --folder, print its figures")
    parser.add_argument("--folder", type=Path, help="with the images")
    given = parser.parse_args()
    if given.task:
        print(json.dumps(run(given.task, given.folder)))
        return 0
    found: dict[str, Any] = {"machine": facts(), "side": given.side, "cell": CELL, "tasks": {}}
    with tempfile.TemporaryDirectory() as folder:
        make_images(Path(folder), given.side)
        for task in TASKS:
            print(f"{task} ...", file=sys.stderr, flush=True)
            found["tasks"][task] = measured(task, folder, given.side)
            (given.out / "tiles.json").write_text(json.dumps(found, indent=1) + "\n")
    text = markdown(found)
    (given.out / "tiles.md").write_text(text)
    print(text)
    return 0


def measured(task: str, folder: str, side: int) -> dict[str, Any]:
    """Return the figures of one task, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tiles", "--task", task, "--folder", folder]
    limit = {MAX_PIXELS_VARIABLE: str(side**2)}  # for the plain way
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, text=True, env={**os.environ, **limit}
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def make_images(folder: Path, side: int) -> None:
    """Write large.tif, with a place on the map, and large.png."""
    import rasterio
    from rasterio.transform import from_origin

    photographs = [_square(name) for name in PHOTOGRAPHS]
    about = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8",
             "tiled": True, "compress": "jpeg", "photometric": "ycbcr", "crs": "EPSG:32633",
             "transform": from_origin(500000, 5400000, 0.3, 0.3)}  # fmt: skip
    pixels = np.zeros((side, side, 3), np.uint8)
    for row, top in enumerate(range(0, side, CELL)):
        for column, left in enumerate(range(0, side, CELL)):
            part = pixels[top : top + CELL, left : left + CELL]
            part[:] = photographs[(row + column) % 3][: part.shape[0], : part.shape[1]]
    with rasterio.open(folder / "large.tif", "w", **about) as file:
        file.write(np.moveaxis(pixels, -1, 0))
    Image.fromarray(pixels).save(folder / "large.png", compress_level=1)


def run(task: str, folder: Path) -> dict[str, Any]:
    """Answer one task, write its files, and measure this process."""
    import biprompt

    kind, form = task.split("-")
    image = folder / ("large.png" if form == "png" else "large.tif")
    started = time.perf_counter()
    model = biprompt.load()
    if kind == "plain":
        answer = model.segment(image, text=WORD)
        answer.save(folder / f"{task}.png")
        mask, told = answer.mask, {"looks": 1}
    else:
        middle = CELL * (1 if kind == "click" else 0) + CELL // 2
        asked = {"points": [(middle, CELL // 2)]} if kind == "click" else {"text": WORD}
        large = model.segment_large(image, **asked)
        for suffix in (".png", ".geojson", *([".tif"] if form == "tiff" else [])):
            large.save(folder / f"{task}{suffix}")
        mask, told = large.mask.read(), {"looks": large.looks, "parts": len(large.parts)}
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {**told, "seconds": seconds, "processor_seconds": used.ru_utime + used.ru_stime,
            "peak_bytes": used.ru_maxrss * 1024, **_cats(mask)}  # fmt: skip


def markdown(found: dict[str, Any]) -> str:
    """Lay out the figures."""
    side, plain = found["side"], found["tasks"]["plain-tiff"]
    rows = []
    for task, title in TASKS.items():
        one = found["tasks"][task]
        share = one["peak_bytes"] / plain["peak_bytes"]
        found_cells = f"{one['cells_found']} of {one['cat_cells']}"
        marked = f"{one['other_cells_marked']} of {one['other_cells']}"
        if task.startswith("click"):
            found_cells = marked = "-"  # one cat was meant
        rows.append(
            f"| {title} | {one['looks']} | {one['processor_seconds']:.0f} | {one['seconds']:.0f} | "
            f"{one['peak_bytes'] / 1e9:.2f} | {share:.2f} | {found_cells} | {marked} |"
        )
    return "\n".join([
        f"# A {side:,} x {side:,} image", "",
        "Written by `python -m benchmarks.tiles`, each task in a process of its own, from loading "
        "the model to the files written. The image is made of the photographs of examples/, "
        f"{found['cell']:,} pixels each, so it is known which cells show a {WORD}. A cell counts "
        "as found, or as marked, where the mask covers at least 5 % of it. Memory is the peak "
        "resident set; the array that counts the cells afterwards is in it.", "",
        "| task | looks | processor s | s | peak GB | of the plain way | "
        f"cells with a {WORD} found | others marked |",
        "|---|--:|--:|--:|--:|--:|--:|--:|", *rows, "",
        *(f"- {line}" for line in lines(found["machine"])), "",
    ])  # fmt: skip


def _square(name: str) -> Any:
    with Image.open(EXAMPLES / name) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (CELL, CELL)))


def _cats(mask: Any) -> dict[str, int]:
    """How many cells of either kind the mask covers to at least 5 %."""
    counts = {"cat_cells": 0, "cells_found": 0, "other_cells": 0, "other_cells_marked": 0}
    for row in range(len(mask) // CELL):
        for column in range(mask.shape[1] // CELL):
            part = mask[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL]
            is_cat, is_marked = (row + column) % 3 == CAT, bool(part.mean() >= 0.05)
            counts["cat_cells" if is_cat else "other_cells"] += 1
            counts["cells_found" if is_cat else "other_cells_marked"] += is_marked
    return counts


if __name__ == "__main__":
    sys.exit(main())
