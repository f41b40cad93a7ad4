"""The page about the models is the one that its sources make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the large models need torch")

from benchmarks.parity.errors import Errors  # noqa: E402
from benchmarks.parity.official import FAMILIES, beside_official, mobile_encoder  # noqa: E402
from benchmarks.parity.page import page  # noqa: E402

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DOCS.parent)


def test_the_page_is_that_of_the_table_and_the_measurements() -> None:
    found = json.loads((DOCS / "results" / "parity.json").read_text())
    assert (DOCS / "models.md").read_text() == page(found)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_as_near_as_the_page_says(name: str, checkout: None) -> None:
    """Rounding differs between processors, so ten times as much is allowed."""
    stated = json.loads((DOCS / "results" / "parity.json").read_text())[name]["greatest"]
    found = beside_official(name).greatest
    assert set(found) == {"embedding", "token", "logits", "decoder", "iou"} == set(stated)
    assert all(found[what] <= 10 * stated[what] for what in found)


def test_the_encoder_of_mobile_sam(checkout: None) -> None:
    assert mobile_encoder().greatest["embedding"] < 1e-5


def test_errors_are_the_largest_of_all_comparisons() -> None:
    errors = Errors()
    errors.compare("x", torch.tensor([1.0, 2.0]), torch.tensor([1.5, 2.0]))
    errors.compare("x", torch.tensor([1.0]), torch.tensor([-3.0]))
    errors.compare("x", torch.tensor([0.0]), torch.tensor([0.0]))
    errors.compare_masks(torch.tensor([True, False]), torch.tensor([True, True]))
    assert errors.greatest == {"x": 4.0} and errors.magnitude == {"x": 3.0}
    assert (errors.pixels, errors.of_pixels) == (1, 2)
    with pytest.raises(ValueError, match="x"):
        errors.compare("x", torch.zeros(1), torch.zeros(2))
