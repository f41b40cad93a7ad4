"""Whether a published table adds up: are its averages averages, its quotations quotations?

A printed number stands for every number that rounds to it. A mean is called wrong only where no
such numbers have it, so rounding alone never raises a flag.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, harmonic_mean

from biprompt.evaluation.published.tables import Average, Quotation, Row, Table, find_table

Mean = Callable[[Sequence[float]], float]
_SLACK = 1e-9  # of floating point, far below any printed digit


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A printed number that is not what it says it is.

    Attributes:
        table: where it stands.
        row: name of the method.
        column: name of the column.
        stated: the printed number.
        mean: what the printed numbers give.
        of: what it should be, in words, as "mean of its columns".
    """

    table: Table
    row: str
    column: str
    stated: float
    mean: float
    of: str

    @property
    def text(self) -> str:
        """One sentence for a report."""
        digits = self.table.decimals
        return (
            f"{self.table.name}, {self.row}: {self.column} says {self.stated:.{digits}f}, "
            f"the {self.of} is {self.mean:.{digits + 1}f}"
        )


def discrepancies(table: Table) -> list[Discrepancy]:
    """Return every average and quotation of a table that no rounding explains."""
    found = [_averaged(table, row, each) for row in table.rows for each in table.averages]
    found += [_quoted(table, row, each) for row in table.rows for each in table.quotations]
    return [each for each in found if each is not None]


def _averaged(table: Table, row: Row, average: Average) -> Discrepancy | None:
    parts = [table.value(row, column) for column in average.of]
    mean: Mean = harmonic_mean if average.harmonic else fmean
    of = f"{'harmonic mean' if average.harmonic else 'mean'} of its columns"
    return _checked(table, row, average.column, parts, mean, of)


def _quoted(table: Table, row: Row, quoted: Quotation) -> Discrepancy | None:
    source = find_table(quoted.paper, quoted.table)
    other = source.row(quoted.names.get(row.name, row.name))
    if other is None:
        return None
    parts = [source.value(other, column) for column in quoted.of]
    of = f"mean of {', '.join(quoted.of)} in {quoted.paper}, {quoted.table}"
    return _checked(table, row, quoted.column, parts, fmean, of)


def _checked(
    table: Table, row: Row, column: str, parts: Sequence[float | None], mean: Mean, of: str
) -> Discrepancy | None:
    stated, known = table.value(row, column), [part for part in parts if part is not None]
    if stated is None or len(known) < len(parts):
        return None
    half = 0.5 * 10**-table.decimals
    low, high = (mean([part + off for part in known]) for off in (-half, half))
    if low - half - _SLACK <= stated <= high + half + _SLACK:
        return None
    return Discrepancy(table, row.name, column, stated, mean(known), of)
