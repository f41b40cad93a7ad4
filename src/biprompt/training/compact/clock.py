"""When to save and when to stop, the same in every process of a run."""

from __future__ import annotations

import time

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast

from biprompt.training.compact.schedule import Progress
from biprompt.training.interrupts import Interrupts


class Clock:
    """The first process's clock and interrupts, told to all after each step.

    Processes that read their own clocks would leave the loop at different steps, and wait for
    each other for ever.

    Args:
        accelerator: knows the processes.
        interrupts: those of this process.
        save_minutes: time between checkpoints.
    """

    def __init__(
        self, accelerator: Accelerator, interrupts: Interrupts, save_minutes: float
    ) -> None:
        self.stopped = self.save_is_due = False
        self._accelerator, self._interrupts = accelerator, interrupts
        self._seconds = 60.0 * save_minutes
        self._mark = time.monotonic()

    def agree(self, progress: Progress) -> None:
        """Takes over what the first process thinks, also of the seconds that have passed."""
        due = time.monotonic() - self._mark > self._seconds
        facts = [progress.seconds, float(due), float(self._interrupts.asked)]
        if self._accelerator.num_processes > 1:
            device = self._accelerator.device
            facts = broadcast(torch.tensor(facts, device=device, dtype=torch.float64)).tolist()
        progress.seconds, self.save_is_due, self.stopped = facts[0], bool(facts[1]), bool(facts[2])

    def saved(self) -> None:
        """Starts to count anew."""
        self._mark = time.monotonic()
