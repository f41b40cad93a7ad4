"""What docs/taxonomy.md says is somewhere is there."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[1] / "docs" / "taxonomy.md").read_text("utf-8")
MODULES = sorted(set(re.findall(r"`(biprompt(?:\.\w+)+)`", PAGE)))


@pytest.mark.parametrize("name", MODULES)
def test_module_exists(name: str) -> None:
    assert find_spec(name) is not None


def test_every_row_names_a_module_or_says_that_it_is_missing() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and "|---" not in line]
    rows = [row for row in rows if not row.startswith("| node")]
    assert len(rows) > 35
    for row in rows:
        assert "`biprompt." in row or "not here" in row, row
