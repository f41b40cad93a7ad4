"""What a report is made of. Texts may hold `code`, **bold** and [links](address), nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.results import Segmentation


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part.

    Attributes:
        text: the words.
        level: 2 for a part, 3 for a part of it.
    """

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of cells for a person.

    Attributes:
        header: one a column.
        rows: as long as the header each; the first cell is the row's name.
        marked: indices of rows that are ours among those of others.
        caption: a line above the table, or none.

    Raises:
        InputError: a row has another length than the header, or a mark is of no row.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()
    caption: str = ""

    def __post_init__(self) -> None:
        """Check lengths and marks."""
        wanted = f"{len(self.header)} cells, as in the header"
        for row in self.rows:
            if len(row) != len(self.header):
                raise InputError("row of a table", expected=wanted, actual=row)
        if not self.marked <= set(range(len(self.rows))):
            expected = f"indices of {len(self.rows)} rows"
            raise InputError("marked rows", expected=expected, actual=sorted(self.marked))


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart, or one colour of its bars.

    Attributes:
        name: in the legend.
        x: places, or names for bars.
        y: heights, as many; NaN is a gap.
        low: lower ends of intervals, as many, or none.
        high: upper ends, as many, or none.

    Raises:
        InputError: they are not as many.
    """

    name: str
    x: tuple[float, ...] | tuple[str, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check lengths."""
        count = len(self.x)
        intervals = (len(self.low), len(self.high))
        if len(self.y) != count or intervals not in ((0, 0), (count, count)):
            actual = f"{len(self.y)} heights, {intervals[0]} lower and {intervals[1]} upper ends"
            expected = f"{count} heights, and intervals for all or none"
            raise InputError(f"series {self.name}", expected=expected, actual=actual)


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over numbers, or bars over names. Markdown, which cannot draw, leaves it out.

    Attributes:
        title: what it shows.
        x_label: what lies along.
        y_label: what goes up.
        series: at least one.
        kind: "line" or "bar".
        y_range: (lowest, highest), made wider where a number lies outside; None fits the numbers.
        marks: (x, y, text) of places to point out; x counts from 0 along names.

    Raises:
        InputError: the lowest is not below the highest.
    """

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    kind: Literal["line", "bar"] = "line"
    y_range: tuple[float, float] | None = (0.0, 1.0)
    marks: tuple[tuple[float, float, str], ...] = ()

    def __post_init__(self) -> None:
        """Check the range."""
        if self.y_range is not None and not self.y_range[0] < self.y_range[1]:
            expected = "a lowest below the highest"
            raise InputError("range of a chart", expected=expected, actual=self.y_range)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One case as a picture: the answer on its photograph.

    Attributes:
        caption: what was asked and what came of it.
        answer: the mask and the photograph; `answer.image` must be there.
        truth: (H, W) bool, drawn as an outline, or None.
        points: clicks as (x, y, label) in pixels of the photograph.
    """

    caption: str
    answer: Segmentation
    truth: NDArray[np.bool_] | None = None
    points: tuple[tuple[float, float, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Cases side by side, below a page; only HTML shows them.

    Attributes:
        title: what they have in common, as "worst".
        shots: in their order.
    """

    title: str
    shots: tuple[Shot, ...]


Block: TypeAlias = Heading | Text | Bullets | Table | Chart


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A report.

    Attributes:
        title: of the page.
        blocks: in their order.
    """

    title: str
    blocks: tuple[Block, ...] = field(default=())
