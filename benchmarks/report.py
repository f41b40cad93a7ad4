"""Rows of a benchmark as a Markdown table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from benchmarks.timing import Sample
from biprompt.evaluation.page.markdown import markdown_table

Unit = Literal["seconds", "bytes"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured.

    Attributes:
        name: what was done.
        unit: of everything measured here.
        sample: what it took.
        target: at most this much; None where nothing was asked for.
        baselines: what the same took others, by their names.
    """

    name: str
    unit: Unit
    sample: Sample
    target: float | None = None
    baselines: Mapping[str, Sample] = field(default_factory=dict)

    def ratio(self, baseline: str) -> float:
        """How many times ours goes into the baseline, median by median."""
        return self.baselines[baseline].median / self.sample.median

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        others = {
            name: {**sample.to_dict(), "ratio": self.ratio(name)}
            for name, sample in self.baselines.items()
        }
        used = None if self.target is None else self.sample.median / self.target
        own = {"name": self.name, "unit": self.unit, **self.sample.to_dict()}
        return {**own, "target": self.target, "share_of_target": used, "baselines": others}


def table(rows: Sequence[Row], baselines: Sequence[str]) -> str:
    """Return a Markdown table; the ratio says how many times as much the baseline took."""
    header = ["", "min", "median", "n", "at most", "median / at most", *baselines]
    return markdown_table(header, [_cells(row, baselines) for row in rows])


def _cells(row: Row, baselines: Sequence[str]) -> list[str]:
    own = [row.name, _told(row.sample.least, row.unit), _told(row.sample.median, row.unit)]
    own.append(str(len(row.sample.values)))
    if row.target is None:
        own += ["-", "-"]
    else:
        own += [_told(row.target, row.unit), f"{row.sample.median / row.target:.2f}"]
    return own + [_beside(row, name) for name in baselines]


def _beside(row: Row, name: str) -> str:
    if name not in row.baselines:
        return "-"
    return f"{_told(row.baselines[name].median, row.unit)}, {_digits(row.ratio(name))} x"


def _told(value: float, unit: Unit) -> str:
    if unit == "bytes":
        return f"{_digits(value * 1e-6)} MB"
    return f"{_digits(value)} s" if value >= 1 else f"{_digits(value * 1e3)} ms"


def _digits(number: float) -> str:
    """Three digits that count, no exponent."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
