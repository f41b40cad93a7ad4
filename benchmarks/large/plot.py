"""How the cost grows, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def draw(growth: Mapping[str, Any], path: Path, title: str) -> None:
    """Write a PNG: seconds against the number of prompts on one image, and of new images.

    Args:
        growth: what the task "growth" found.
        path: where to.
        title: sizes of the models.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for axis, (what, label) in zip(
        axes, (("prompts", "prompts on one image"), ("images", "new images")), strict=True
    ):
        counts = sorted(int(count) for count in growth[what])
        seconds = [growth[what][str(count)]["min"] for count in counts]
        axis.loglog(counts, seconds, "o-", color="#1d5fd0")
        axis.loglog(counts, [seconds[0] * c for c in counts], ":", color="#888", label="one by one")
        axis.set_xticks(counts, [str(count) for count in counts])
        axis.minorticks_off()
        axis.set_xlabel(label)
        axis.set_ylabel("seconds")
        axis.legend(frameon=False)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
