"""A model that answers at once, so that only what stands around it is timed."""

from __future__ import annotations

from typing import Any

import numpy as np

from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.baselines import Painted
from biprompt.prompts import Prompt

CLICKS = 20
_FARTHEST = 0.1
"""How far the first answer is moved, in sides of the object."""
_LEFT = 0.6
"""How much of that is left with every further click."""


class Moved(Painted):
    """Answers an object's true mask moved down and to the right, by less with every click.

    The first answer is moved by a tenth of the object's sides, each later one by three fifths of
    that, by a pixel at least: there is always something left to click on.

    Args:
        sample: the object; its mask is not empty.
    """

    def __init__(self, sample: InteractiveObject) -> None:
        """Decode the mask and leave room to move it in: a moved mask is then a part of it."""
        super().__init__("moved", lambda hw, prompt: [self.after(_clicks(prompt))])
        self.truth = sample.mask()
        sides = (np.ptp(np.flatnonzero(self.truth.any(axis))) + 1 for axis in (1, 0))
        self._farthest = tuple(max(2, round(_FARTHEST * side)) for side in sides)
        self._padded = np.pad(self.truth, [(most, 0) for most in self._farthest])

    def embed(self, image: Any) -> Any:
        """Look at nothing."""
        return self.truth.shape

    def after(self, clicks: int) -> Any:
        """Return the answer to so many clicks, (H, W) bool."""
        left = _LEFT ** (clicks - 1)
        starts = (most - max(1, round(left * most)) for most in self._farthest)
        pairs = zip(starts, self.truth.shape, strict=True)
        seen = self._padded[tuple(slice(start, start + side) for start, side in pairs)]
        return np.ascontiguousarray(seen)


def _clicks(prompt: Prompt) -> int:
    return 0 if prompt.points is None else len(prompt.points.xy)
