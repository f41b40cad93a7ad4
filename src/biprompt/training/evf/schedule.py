"""Where a run stands, what rate that means, and who makes which sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from biprompt.training.evf.recipe import EvfRecipe


def rate_at(recipe: EvfRecipe, step: int) -> float:
    """Learning rate of a step, counted from 0: linear warm-up, then linear decay to 0."""
    if step < recipe.warmup:
        return recipe.rate * (step + 1) / recipe.warmup
    left = (recipe.steps - step) / max(1, recipe.steps - recipe.warmup)
    return recipe.rate * max(0.0, left)


@dataclass(frozen=True, slots=True)
class Division:
    """How the pictures of a step are shared out; the step's numbers are the same in any division.

    Attributes:
        batch: pictures of a step.
        micro_batch: pictures of one pass of one process.
        process: from 0.
        processes: how many there are.
    """

    batch: int
    micro_batch: int
    process: int = 0
    processes: int = 1

    @property
    def passes(self) -> int:
        """Passes of one process in a step."""
        return self.batch // (self.micro_batch * self.processes)

    def numbers(self, step: int) -> list[list[int]]:
        """Numbers of the samples of this process in a step, pass by pass."""
        turn = self.micro_batch * self.processes
        firsts = (
            step * self.batch + number * turn + self.process * self.micro_batch
            for number in range(self.passes)
        )
        return [list(range(first, first + self.micro_batch)) for first in firsts]

    def from_step(self, step: int, end: int) -> Iterator[list[int]]:
        """Numbers pass by pass, from a step up to another one."""
        for one in range(step, end):
            yield from self.numbers(one)
