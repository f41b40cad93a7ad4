"""Chance that hangs on a seed and a name, and never on the order in which things are done."""

from __future__ import annotations

from hashlib import sha256

import numpy as np


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one thing.

    Args:
        seed: of the run, 0 or more.
        name: unique to the thing and to what is drawn.
    """
    digest = sha256(name.encode()).digest()
    return np.random.default_rng((seed, int.from_bytes(digest[:16])))
