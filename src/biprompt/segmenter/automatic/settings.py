"""How everything in an image is looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import Final

from biprompt.errors import InputError
from biprompt.results.levels import Granularity, check_granularity
from biprompt.runtime.base import RuntimeFacts

MOST_GRID: Final = 128
MOST_LAYERS: Final = 4
SAM_THRESHOLDS: Final = (0.88, 0.95)
"""Predicted IoU and stability from which SAM's masks are kept (appendix B)."""
COMPACT_THRESHOLDS: Final = (0.4, 0.0)
"""The same of the embedded model, which says lower numbers: measured, see docs/automatic.md."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """How everything in an image is looked for.

    Attributes:
        grid: clicks along each side of the image, 1 to MOST_GRID; their number is its square.
        layers: how often to look closer: layer i parts the image into 2^i x 2^i overlapping
            windows, each looked at by itself, with as many clicks in all as the grid has.
        window_overlap: by how much of its side a window of the first layer laps over the next, 0
            to below 1; of layer i, the same length in pixels over 2^(i - 1).
        predicted_iou: masks below are dropped; None takes what suits the model.
        stability: the same for the stability score, see `proposing.stability`.
        stability_offset: logits by which the threshold of that score moves, above 0.
        overlap: IoU from which one of two masks is dropped, above 0 to 1.
        largest: masks over this share of their window are dropped as background, above 0 to 1.
        smallest: pixels below which a part of a mask is removed and a hole is filled; 0 for none.
        granularity: keep only the part, the object or the whole under every click; None keeps all.
        most: masks kept at most, those of the highest predicted IoU.

    Raises:
        InputError: a value is outside its range.
    """

    grid: int = 16
    layers: int = 0
    window_overlap: float = 512 / 1500
    predicted_iou: float | None = None
    stability: float | None = None
    stability_offset: float = 1.0
    overlap: float = 0.7
    largest: float = 0.95
    smallest: int = 0
    granularity: Granularity | None = None
    most: int = 1000

    def __post_init__(self) -> None:
        """Check every value."""
        check_granularity(self.granularity)
        _whole("grid", self.grid, 1, MOST_GRID)
        _whole("layers", self.layers, 0, MOST_LAYERS)
        _whole("smallest", self.smallest, 0, None)
        _whole("most", self.most, 1, None)
        for name in ("predicted_iou", "stability"):
            if getattr(self, name) is not None:
                _share(name, getattr(self, name), above=False, below=False)
        _share("window_overlap", self.window_overlap, above=False, below=True)
        _share("overlap", self.overlap, above=True, below=False)
        _share("largest", self.largest, above=True, below=False)
        if not _is_number(self.stability_offset) or not 0 < self.stability_offset < float("inf"):
            expected = "a number above 0"
            raise InputError("stability_offset", expected=expected, actual=self.stability_offset)

    def suited_to(self, facts: RuntimeFacts) -> Automatic:
        """Return the same with the thresholds that were left out, as suits the model."""
        # The embedded model is the one whose clicks mean one connected part.
        iou, stability = COMPACT_THRESHOLDS if facts.one_part else SAM_THRESHOLDS
        return replace(
            self,
            predicted_iou=iou if self.predicted_iou is None else self.predicted_iou,
            stability=stability if self.stability is None else self.stability,
        )


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _whole(name: str, value: object, least: int, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not fits or (most is not None and value > most):  # type: ignore[operator]
        last = "" if most is None else f" to {most}"
        raise InputError(name, expected=f"a whole number from {least}{last}", actual=repr(value))


def _share(name: str, value: float, *, above: bool, below: bool) -> None:
    fits = _is_number(value) and 0 <= value <= 1
    if not fits or (above and value == 0) or (below and value == 1):
        expected = f"a number {'above' if above else 'from'} 0 {'to below' if below else 'to'} 1"
        raise InputError(name, expected=expected, actual=repr(value))
