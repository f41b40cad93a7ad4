"""How well a box on one slice is followed through a phantom: docs/results/phantoms.md.

    python -m benchmarks.phantoms

A body with a liver and a spleen (`tests/io/medical/phantoms.py`), the embedded model, and the tight
box of the organ on the middle slice that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.io.medical.phantoms import abdomen, in_memory

import biprompt
from biprompt import Prompt, Segmenter
from biprompt.io.files import atomic_write
from biprompt.io.medical.views import Axis
from biprompt.masks import bbox_xyxy
from biprompt.segmenter.volumes import Scan, StopRules, segment_volume

OUT = Path("docs/results/phantoms.md")
ORGANS = {"liver": 1, "spleen": 2}
SPACING = np.diag([1.5, 1.25, 3.0, 1.0])
HEADER = "| slices | noise | organ | slices of it | found | Dice | volume |"


@dataclass(frozen=True)
class Case:
    """A phantom: its size in voxels, the slices that are looked at, and noise in HU."""

    shape: tuple[int, int, int]
    axis: Axis
    noise: float = 12.0


CASES = (
    Case((96, 80, 40), Axis.AXIAL),
    Case((192, 160, 40), Axis.AXIAL),
    Case((96, 80, 40), Axis.CORONAL),
    Case((96, 80, 40), Axis.AXIAL, 30.0),
    Case((192, 160, 40), Axis.AXIAL, 30.0),
    Case((192, 160, 40), Axis.CORONAL, 30.0),
)


def main() -> None:
    """Follow every organ of every phantom, print and write."""
    model = biprompt.load()
    rows = [row(model, case, organ) for case in CASES for organ in ORGANS]
    text = "\n".join(
        [
            "# Organs of a phantom, followed from one box",
            "",
            f"`python -m benchmarks.phantoms`, model `{model.name}`; rules of stopping: "
            f"{StopRules()}. Tight box on the middle slice of the organ. A mask about half a pixel "
            "too wide makes small organs much larger. No patient's scan was measured.",
            "",
            HEADER,
            "| --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )
    atomic_write(OUT, text.encode(), force=True)
    print(text)


def row(model: Segmenter, case: Case, organ: str) -> str:
    """Return a line of the table."""
    values, labels = abdomen(case.shape, noise=case.noise)
    scan = Scan.of(in_memory(values, SPACING), case.axis)
    truth = scan.stack(labels) == ORGANS[organ]
    shown = np.flatnonzero(truth.any((1, 2)))
    index = int(shown[len(shown) // 2])
    x0, y0, x1, y1 = bbox_xyxy(truth[index])
    answer = segment_volume(model, scan, index, Prompt.build(box=(x0, y0, x1, y1)))
    found = scan.stack(answer.labels) > 0
    both = int((found & truth).sum())
    dice = 2 * both / int(found.sum() + truth.sum())
    size = "x".join(map(str, truth.shape[1:][::-1]))
    more = 100 * (int(found.sum()) / int(truth.sum()) - 1)
    seen = int(found.any((1, 2)).sum())
    cells = (f"{size}, {case.axis}", f"{case.noise:g} HU", organ, len(shown), seen)
    return f"| {' | '.join(map(str, cells))} | {dice:.3f} | {more:+.1f} % |"


if __name__ == "__main__":
    main()
