"""``python -m benchmarks.guidance``: guidance maps beside their definitions in plain loops.

Both are made of the same photograph and the same clicks, in turn, and have to agree. Times are of
the processor: what else the machine does has little part in them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import brute_force, machine
from benchmarks.timing import Sample, repeat
from biprompt.evaluation.page.markdown import markdown_table
from biprompt.guidance import (
    disk_map,
    euclidean_map,
    gaussian_map,
    geodesic_map,
    slic,
    superpixel_map,
)

PHOTO = Path(__file__).parents[1] / "examples" / "chelsea.jpg"
SIGMA, RADIUS = 0.02, 5.0
TOLERANCE = 1e-4
"""Largest difference that counts as none: maps are float32."""
AT_LEAST = 50.0
"""How many times as fast the geodesic map was asked to be."""
NOTES = """\
- The geodesic map by definition (eqs. 6, 7): Dijkstra's algorithm in Python from every click, and
  the least of all maps. Ours is one search from all clicks at once, in SciPy's C code, on the same
  graph; nothing is approximated.
- The plain loops of the other maps compute every pixel by the formula."""

_timed = partial(repeat, clock=time.process_time)
Pixel = tuple[int, int]
Maps = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Pair:
    """One map made in two ways.

    Attributes:
        name: of the map.
        clicks: how many.
        ours: seconds.
        brute: seconds of plain loops.
        difference: largest, absolute.
    """

    name: str
    clicks: int
    ours: Sample
    brute: Sample
    difference: float

    @property
    def ratio(self) -> float:
        """How many times as fast ours is, of medians."""
        return self.brute.median / self.ours.median

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "map": self.name, "clicks": self.clicks, "ours": self.ours.to_dict(),
            "brute": self.brute.to_dict(), "ratio": self.ratio, "difference": self.difference,
        }  # fmt: skip


def photograph(side: int) -> NDArray[np.uint8]:
    """Return the example at this longer side, (H, W, 3) uint8."""
    with Image.open(PHOTO) as image:
        scale = side / max(image.size)
        size = tuple(max(1, round(length * scale)) for length in image.size)
        return np.asarray(image.convert("RGB").resize((size[0], size[1])))


def places(count: int, hw: tuple[int, int]) -> list[Pixel]:
    """Return so many clicks, rows and columns, the same every time."""
    rng = np.random.default_rng(0)
    return [(int(rng.integers(hw[0])), int(rng.integers(hw[1]))) for _ in range(count)]


def compared(
    name: str, clicks: int, ours: Callable[[], Maps], brute: Callable[[], Maps], repeats: int
) -> Pair:
    """Time both ways in turn, and compare what they give."""
    difference = float(np.abs(ours() - brute()).max())
    return Pair(name, clicks, _timed(ours, 3 * repeats), _timed(brute, repeats, warm_up=0),
                difference)  # fmt: skip


def measure(side: int, counts: Sequence[int], repeats: int) -> list[Pair]:
    """Return all pairs."""
    image = photograph(side)
    hw = (image.shape[0], image.shape[1])
    labels = slic(image)
    found = []
    for count in counts:
        clicks = places(count, hw)
        seeds = np.zeros(hw, np.bool_)
        seeds[tuple(np.array(clicks).T)] = True
        ways: list[tuple[str, Callable[[], Maps], Callable[[], Maps]]] = [
            ("geodesic", partial(geodesic_map, image, seeds),
             partial(brute_force.geodesic, image, clicks)),
        ]  # fmt: skip
        if count == counts[0]:
            ways += [
                ("Euclidean", partial(euclidean_map, seeds, limit=None),
                 partial(brute_force.euclidean, clicks, hw)),
                ("Gaussian", partial(gaussian_map, seeds, sigma=SIGMA),
                 partial(brute_force.gaussian, clicks, hw, SIGMA)),
                ("binary disk", partial(disk_map, seeds, radius=RADIUS),
                 partial(brute_force.disk, clicks, hw, RADIUS)),
                ("superpixel distance", partial(superpixel_map, labels, seeds),
                 partial(brute_force.superpixel_distance, labels, clicks)),
            ]  # fmt: skip
        found += [compared(name, count, ours, brute, repeats) for name, ours, brute in ways]
    return found


def table(pairs: Sequence[Pair]) -> str:
    """Return the pairs as a Markdown table."""
    head = ["map", "clicks", "ours", "plain loops", "times as fast", "largest difference"]
    rows = [
        [pair.name, str(pair.clicks), f"{pair.ours.median * 1e3:.1f} ms",
         f"{pair.brute.median * 1e3:.0f} ms", f"{pair.ratio:.0f}", f"{pair.difference:.1g}"]
        for pair in pairs
    ]  # fmt: skip
    return markdown_table(head, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 1 where both ways differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=240, help="longer side, pixels")
    parser.add_argument("--clicks", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write all values")
    given = parser.parse_args(arguments)
    facts = machine.facts() | {"command": "python -m benchmarks.guidance"}
    pairs = measure(given.side, given.clicks, given.repeat)
    same = all(pair.difference < TOLERANCE for pair in pairs)
    print(table(pairs), NOTES, *machine.lines(facts), sep="\n")
    print("both ways are the same" if same else "both ways DIFFER")
    if given.json is not None:
        report = {"machine": facts, "side": given.side, "same": same, "asked": AT_LEAST,
                  "pairs": [pair.to_dict() for pair in pairs]}  # fmt: skip
        given.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
