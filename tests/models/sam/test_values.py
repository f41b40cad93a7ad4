"""What prompts may be together."""

from __future__ import annotations

import pytest
import torch

from biprompt.errors import InputError
from biprompt.models.sam import SamPrompts


def zeros(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


def test_length_is_the_number_of_rows() -> None:
    assert len(SamPrompts(text=zeros(3, 1, 8))) == 3
    assert len(SamPrompts(points=zeros(2, 5, 2), labels=zeros(2, 5), boxes=zeros(2, 4))) == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "prompts: expected points, boxes, masks or text, got none"),
        ({"points": zeros(1, 2, 2)}, "expected points with labels, got points alone"),
        ({"labels": zeros(1, 2)}, "expected points with labels, got labels alone"),
        ({"points": zeros(1, 2, 2), "labels": zeros(1, 3)}, r"expected \(1, 2\), got \(1, 3\)"),
        (
            {"points": zeros(2, 2), "labels": zeros(1, 2)},
            r"points of prompts: expected \(N, K, 2\)",
        ),
        ({"points": zeros(1, 0, 2), "labels": zeros(1, 0)}, r"none of them 0, got \(1, 0, 2\)"),
        ({"points": zeros(1, 1, 3), "labels": zeros(1, 1)}, r"got \(1, 1, 3\)"),
        ({"boxes": zeros(1, 2, 2)}, r"boxes of prompts: expected \(N, 4\)"),
        ({"boxes": zeros(0, 4)}, r"none of them 0, got \(0, 4\)"),
        ({"masks": zeros(1, 8, 8)}, r"masks of prompts: expected \(N, 1, h, w\)"),
        ({"text": zeros(1, 8)}, r"text of prompts: expected \(N, T, C\)"),
        ({"boxes": zeros(2, 4), "text": zeros(1, 1, 8)}, "rows of prompts: expected the same"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SamPrompts(**given)
