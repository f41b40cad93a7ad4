"""Every kind of prompt to every family: what docs/prompts.md says is what happens."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="most families need torch")
pytest.importorskip("transformers", reason="the foundation models need it")

from tests.matrix.families import models
from tests.matrix.table import PAGE, Cells, in_page, measured, table


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Cells:
    return measured(models(tmp_path_factory.mktemp("families")))


def test_the_page_says_what_happens(cells: Cells) -> None:
    page = PAGE.read_text("utf-8")
    assert in_page(page, table(cells)) == page, "python -m tests.matrix writes the table anew"


def test_every_kind_reaches_some_family_and_nothing_is_lost_on_the_way(cells: Cells) -> None:
    """A network that is given nothing would answer something else than was asked."""
    for name, row in cells.items():
        assert "nothing" not in row.values(), name
        assert any(not cell.startswith("refused") for cell in row.values()), name


def test_words_reach_every_model_that_answers_a_prompt_with_words(cells: Cells) -> None:
    for name in (name for name in cells if "words" in name.split(", not")[0]):
        for model, cell in cells[name].items():
            assert cell.startswith("refused") or "words" in cell, (name, model)
