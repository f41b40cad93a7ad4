"""The context cache as Organ-Seg compares with it: one feature for each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from biprompt.errors import DataError
from biprompt.presence import ContextCache, Domain


def context_of(domain: Domain, classes: Sequence[str]) -> Tensor:
    """Return F_C1 to F_Cn and F_C', ``(classes + 1, 864)`` float32 of unit length.

    The paper passes public descriptions of each organ through a text encoder that it does not name,
    and keeps one feature for each. Here the encoder is that of `biprompt.presence`, and a class has
    the mean of the features of its descriptions; the irrelevant entry those of "none of them".

    Raises:
        DataError: a class is not in the domain.
    """
    cache = ContextCache.build(domain)
    owners = np.array(cache.owners)
    rows = []
    for name in (*classes, domain.none.name):
        mine = cache.features[owners == name]
        if not len(mine):
            raise DataError("classes", expected=f"things of {domain.name}", actual=name)
        mean = mine.mean(0)
        rows.append(mean / np.linalg.norm(mean))
    return torch.from_numpy(np.stack(rows).astype(np.float32))
