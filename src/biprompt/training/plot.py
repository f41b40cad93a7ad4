"""The log of a run as a picture: loss, IoU in training, photographs kept aside."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from biprompt.io.files import atomic_write, check_writable
from biprompt.training.log import read_log

Curves = Mapping[str, tuple[list[int], list[float]]]

LOSSES = {"loss": "all", "clicks": "clicks", "phrases": "phrases", "prior": "place of phrases",
          "presence": "presence", "quality": "predicted IoU"}  # fmt: skip
TRAINING = {"best_first": "1 click, best of 3", "iou_first": "1 click", "best_later":
            "more clicks, best of 3", "iou_later": "more clicks", "iou_text": "phrase"}  # fmt: skip
KEPT_ASIDE = {"five": "5 clicks", "best": "1 click, best of 3", "pick": "1 click, own pick",
              "one": "1 click, first mask", "gate": "1 click + name, gate", "text": "name",
              "auroc": "presence of names, AUROC", "score": "score"}  # fmt: skip
EVF_LOSSES = {"loss": "all", "bce": "cross-entropy", "dice": "dice"}
EVF_GRADIENT = {"norm": "norm, before it is clipped"}
EVF_HELD_OUT = {"ciou": "cIoU", "giou": "gIoU", "p50": "P@50"}
SMOOTHING = 0.85
"""Share of the running mean that stays at each point of a drawn curve."""


def plot_run(run: Path, out: Path, *, force: bool = False) -> Path:
    """Draws the log of a run.

    Args:
        run: folder of the run.
        out: PNG file to write.
        force: replace it where it exists.

    Returns:
        `out`.

    Raises:
        DataError: there is no log in `run`.
        OutputError: `out` exists or cannot be written.
    """
    records = read_log(run)
    check_writable(out, force=force)
    atomic_write(out, log_png(records, run.name), force=force)
    return out


def log_png(records: Sequence[Mapping[str, Any]], title: str = "") -> bytes:
    """The picture of some records, a PNG file; what they hold tells whose log it is."""
    steps = curves([record for record in records if "validation" not in record])
    measured = [record for record in records if "validation" in record]
    kept = curves([{"step": r["step"], **r["validation"]} for r in measured])
    figure = Figure(figsize=(15, 5), layout="constrained")
    figure.suptitle(title)
    left, middle, right = figure.subplots(1, 3)
    if "bce" in steps:
        _draw(left, steps, EVF_LOSSES, "Loss", smooth=True)
        _draw(middle, steps, EVF_GRADIENT, "Gradient", smooth=True)
        _draw(right, kept, EVF_HELD_OUT, "Held out", smooth=False)
        logarithmic = [left, middle]
    else:
        _draw(left, steps, LOSSES, "Loss", smooth=True)
        _draw(middle, steps, TRAINING, "IoU on training crops", smooth=True)
        _draw(right, kept, KEPT_ASIDE, "Photographs kept aside", smooth=False)
        logarithmic = [left]
    for axes in (left, middle, right):
        if axes in logarithmic:
            _scale_by_powers(axes)
        else:
            axes.set_ylim(0.0, 1.0)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _scale_by_powers(axes: Axes) -> None:
    axes.set_yscale("log")
    plain = FuncFormatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_formatter(plain)


def curves(records: Sequence[Mapping[str, Any]]) -> Curves:
    """Each number of the records with the steps at which it was logged."""
    found: dict[str, tuple[list[int], list[float]]] = {}
    for record in records:
        for name, value in record.items():
            if isinstance(value, int | float) and name != "step":
                steps, values = found.setdefault(name, ([], []))
                steps.append(int(record["step"]))
                values.append(float(value))
    return found


def _draw(
    axes: Axes, numbers: Curves, names: Mapping[str, str], title: str, *, smooth: bool
) -> None:
    for number, (name, label) in enumerate(names.items()):
        if name not in numbers:
            continue
        steps, values = numbers[name]
        colour = f"C{number}"
        if smooth:
            axes.plot(steps, values, color=colour, alpha=0.2, linewidth=0.8)
            values = smoothed(values)
        axes.plot(steps, values, color=colour, label=label, marker=None if smooth else ".")
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, fontsize="small")


def smoothed(values: Sequence[float]) -> list[float]:
    """The running mean with a memory that fades; the first values count as much as later ones."""
    total = weight = 0.0
    means = []
    for value in values:
        if np.isfinite(value):
            total = SMOOTHING * total + value
            weight = SMOOTHING * weight + 1.0
        means.append(total / weight if weight else value)
    return means
