"""Where a run stands, and what that means for its learning rate and its crops."""

from __future__ import annotations

import math
from dataclasses import dataclass

from biprompt.training.compact.recipe import CompactRecipe

LOWEST_RATE = 0.01
"""Learning rate at the end, as a share of the highest."""


@dataclass(slots=True)
class Progress:
    """Where a run stands; saved with every checkpoint.

    Attributes:
        step: optimiser steps made.
        samples: crops learnt from.
        seconds: time spent on steps and on waiting for samples.
    """

    step: int = 0
    samples: int = 0
    seconds: float = 0.0

    def part(self, recipe: CompactRecipe) -> float:
        """Share of the schedule that is over, 0 to 1: of the steps or of the time, the larger."""
        by_time = self.seconds / (60.0 * recipe.minutes) if recipe.minutes else 0.0
        return min(1.0, max(self.step / recipe.steps, by_time))

    def rate(self, recipe: CompactRecipe) -> float:
        """Learning rate of the next step: linear warm-up, then a cosine."""
        warm = min(1.0, (self.step + 1) / max(1, recipe.warmup))
        cosine = 0.5 * (1.0 + math.cos(math.pi * self.part(recipe)))
        return recipe.rate * warm * (LOWEST_RATE + (1.0 - LOWEST_RATE) * cosine)

    def crop_size(self, recipe: CompactRecipe) -> int:
        """Side of the crops of the next step."""
        late = self.part(recipe) >= 1.0 - recipe.late_part
        return recipe.late_size if late else recipe.size


def batch_size(recipe: CompactRecipe, crop_size: int, processes: int = 1) -> int:
    """Crops in a step of one process: fewer of larger ones, so that a step sees as many pixels."""
    crops = recipe.batch * (recipe.size / crop_size) ** 2
    return max(min(2, recipe.batch), round(crops / processes))
