from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the large models need torch")

from biprompt.errors import InputError  # noqa: E402
from biprompt.models.beit3 import pad_tokens  # noqa: E402
from biprompt.models.beit3.tokens import PAD  # noqa: E402


def test_phrases_are_padded_on_the_right() -> None:
    ids, real = pad_tokens([np.array([0, 7, 2]), np.array([0, 5, 6, 9, 2]), np.array([0, 2])])
    assert ids.dtype == torch.int64 and real.dtype == torch.bool
    assert ids.tolist() == [
        [0, 7, 2, PAD, PAD],
        [0, 5, 6, 9, 2],
        [0, 2, PAD, PAD, PAD],
    ]
    assert real.sum(1).tolist() == [3, 5, 2]
    assert [bool(row[: int(n)].all()) for row, n in zip(real, real.sum(1), strict=True)] == [
        True
    ] * 3


def test_no_phrase_is_an_error() -> None:
    with pytest.raises(InputError, match="at least one"):
        pad_tokens([])
