"""Phrases of different lengths as one batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from biprompt.errors import InputError

PAD = 1
"""The id that BEiT-3's vocabulary keeps for nothing."""


def pad_tokens(phrases: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """Put the ids of phrases into one tensor, padded on the right.

    Args:
        phrases: P arrays of ids, at least one.

    Returns:
        ``(P, T)`` int64 ids and ``(P, T)`` bool, True at real tokens; T is the longest length.

    Raises:
        InputError: there is no phrase.
    """
    if not phrases:
        raise InputError("phrases", expected="at least one", actual="none")
    lengths = np.array([len(phrase) for phrase in phrases])
    real = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(real.shape, PAD, np.int64)
    ids[real] = np.concatenate(phrases)
    return torch.from_numpy(ids), torch.from_numpy(real)
