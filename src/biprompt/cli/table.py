"""Plain columns of text."""

from __future__ import annotations

from collections.abc import Sequence

_GAP = 2
_UNITS = ("bytes", "kB", "MB", "GB")


def table(rows: Sequence[Sequence[str]], *, indent: int = 0) -> str:
    """Lay out rows of equal length in left-aligned columns; no line ends in spaces."""
    widths = [max(map(len, column)) + _GAP for column in zip(*rows, strict=True)]
    return "\n".join(
        " " * indent
        + "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def size(count: int) -> str:
    """Return a number of bytes for a person, in units of 1000."""
    value, units = float(count), iter(_UNITS)
    unit = next(units)
    while value >= 1000 and unit != _UNITS[-1]:
        value, unit = value / 1000, next(units)
    return f"{value:.0f} {unit}" if unit == _UNITS[0] else f"{value:.1f} {unit}"
