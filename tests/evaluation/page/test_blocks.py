from __future__ import annotations

from typing import Any

import pytest

from biprompt.errors import InputError
from biprompt.evaluation.page import Chart, Series, Table


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Series("a", (1.0, 2.0), (1.0,)), "series a: expected 2 heights"),
        (lambda: Series("a", (1.0,), (1.0,), low=(0.0,)), "1 lower and 0 upper ends"),
        (lambda: Table(("a", "b"), (("1", "2"), ("3",))), "row of a table: expected 2 cells"),
        (lambda: Table(("a",), (("1",),), frozenset({1})), "expected indices of 1 rows"),
        (lambda: Chart("t", "x", "y", (), y_range=(1.0, 1.0)), "range of a chart"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()
