"""The training loop of EVF-SAM: plain PyTorch through accelerate, in one process or many."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

from biprompt.errors import ModelError
from biprompt.io.files import atomic_write
from biprompt.training.evf.batches import Batch, Collator, batches
from biprompt.training.evf.keeping import CHECKPOINT, Keeper
from biprompt.training.evf.learner import Learner
from biprompt.training.evf.material import Material
from biprompt.training.evf.outcome import outcome
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.schedule import Division, rate_at
from biprompt.training.evf.validate import measure
from biprompt.training.interrupts import Interrupts
from biprompt.training.log import Averages, append_record, read_log

Report = Callable[[str], None]

OUTCOME = "result.md"
_SHOWN = 4


class EvfTrainer:
    """One resumable run in one folder.

    The batch of a step, and all chance in it, is a function of the seed and the step: processes,
    accumulation, workers and interruptions change nothing but the rounding.

    Args:
        recipe: what to do.
        learner: the network and its optimiser.
        material: what it learns from.
        collate: makes batches of it.
        keeper: writes and reads checkpoints.
    """

    def __init__(
        self,
        recipe: EvfRecipe,
        learner: Learner,
        material: Material,
        collate: Collator,
        keeper: Keeper,
    ) -> None:
        self.recipe, self.learner, self.material = recipe, learner, material
        self.collate, self.keeper = collate, keeper
        self.accelerator: Accelerator = learner.accelerator
        self.step, self.best = 0, -math.inf
        self.averages = Averages()

    @property
    def out(self) -> Path:
        """Folder of the run."""
        return self.keeper.out

    def begin(self, report: Report, *, measure: bool) -> None:
        """Write the checkpoint of a run that has made no step, so that it can always go on.

        Args:
            report: told the numbers.
            measure: measure what is held out first, to compare.
        """
        self.keeper.begin(self.learner)
        if measure and self.material.measured:
            self._measure(report)

    def resume(self) -> None:
        """Go on from the run's checkpoint: weights, optimiser, place in the stream.

        Raises:
            WeightsError: it is missing, damaged, or of another model or recipe.
        """
        self.step, self.best, pending = self.keeper.load(self.learner)
        self.averages = Averages(pending)

    def run(self, report: Report) -> None:
        """Train until the schedule is over.

        Ctrl-C ends the present step, saves, and then interrupts.

        Raises:
            ModelError: the loss or its gradient is not a number; the last checkpoint stays.
            OutputError: a file cannot be written; the last checkpoint stays.
        """
        with Interrupts() as interrupts:
            for batches_of_step in self._steps():
                self._step(batches_of_step, report)
                stopped = self._agreed(interrupts.asked)
                self._after(report, stopped)
                if stopped:
                    raise KeyboardInterrupt
        if not self.material.measured:
            self.keeper.export(self.learner, "best")
        elif self.accelerator.is_main_process:
            self._conclude(report)

    def _conclude(self, report: Report) -> None:
        table = outcome(read_log(self.out))
        atomic_write(self.out / OUTCOME, f"{table}\n".encode(), force=True)
        report(table)

    def timed(self, steps: int) -> list[float]:
        """Make some steps and write nothing; return the seconds of each, waiting included."""
        seconds, mark = [], time.monotonic()
        for passes in islice(self._steps(), steps):
            self._learn(passes)
            self.step += 1
            seconds.append(time.monotonic() - mark)
            mark = time.monotonic()
        return seconds

    def _steps(self) -> Iterator[list[Batch]]:
        """The passes of each step from here on."""
        recipe, accelerator = self.recipe, self.accelerator
        division = Division(
            recipe.batch, recipe.micro_batch, accelerator.process_index, accelerator.num_processes
        )
        numbers = division.from_step(self.step, recipe.steps)
        made = batches(self.material.stream, self.collate, numbers, recipe.workers)
        with closing(made):
            while passes := list(islice(made, division.passes)):
                yield passes

    def _step(self, passes: Sequence[Batch], report: Report) -> None:
        started = time.monotonic()
        values = self._learn(passes)
        self.step += 1
        self.averages.add(values | {"seconds": time.monotonic() - started})
        if self.step % self.recipe.log_every == 0:
            self._log(self.averages.flush(), report)

    def _learn(self, passes: Sequence[Batch]) -> dict[str, float]:
        """One step of the optimiser; returns means over all masks of the step."""
        recipe, accelerator = self.recipe, self.accelerator
        torch.manual_seed(hash((recipe.seed, self.step, accelerator.process_index)))
        masks = self._sum([float(sum(batch.masks for batch in passes))])[0]
        rate = rate_at(recipe, self.step)
        self.learner.set_rate(rate)
        sums = [0.0, 0.0]
        doubtful: list[str] = []
        for number, batch in enumerate(passes, 1):
            with self.learner.turn(last=number == len(passes)):
                bce, dice = self._pass(batch, masks, doubtful)
            sums = [sums[0] + bce, sums[1] + dice]
        bce, dice = (value / masks for value in self._sum(sums))
        self._check("loss", recipe.bce * bce + recipe.dice * dice, doubtful)
        norm = self.learner.clip(recipe.clip)
        if not self.learner.skips_steps:
            self._check("gradient", norm, [key for batch in passes for key in batch.keys])
        self.learner.update()
        loss = recipe.bce * bce + recipe.dice * dice
        return {"loss": loss, "bce": bce, "dice": dice, "norm": norm, "rate": rate}

    def _pass(self, batch: Batch, masks: float, doubtful: list[str]) -> tuple[float, float]:
        """Forward and backward of some pictures; returns the sums of their losses."""
        recipe, batch = self.recipe, batch.to(self.accelerator.device)
        losses = self.learner.objective(batch, self.learner.features(batch))
        each = recipe.bce * losses.bce + recipe.dice * losses.dice
        doubtful += _doubtful(batch, each)
        # Processes average their gradients: what is summed here becomes the mean over all masks.
        self.learner.backward(each.sum() * (self.accelerator.num_processes / masks))
        return float(losses.bce.detach().sum()), float(losses.dice.detach().sum())

    def _sum(self, values: Sequence[float]) -> list[float]:
        """Sums over processes."""
        if self.accelerator.num_processes == 1:
            return list(values)
        mine = torch.tensor(values, dtype=torch.float64, device=self.accelerator.device)
        total: list[float] = self.accelerator.reduce(mine, "sum").tolist()
        return total

    def _agreed(self, asked: bool) -> bool:
        """Whether any process was asked to stop; all leave at the same step."""
        return self._sum([float(asked)])[0] > 0

    def _check(self, what: str, value: float, names: list[str]) -> None:
        if math.isfinite(value):
            return
        every = gather_object(names)
        more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
        where = ", ".join(every[:_SHOWN]) + more
        path = self.out / CHECKPOINT
        kept = f"{path} is as it was" if path.exists() else "nothing was saved yet"
        raise ModelError(
            f"the {what} of step {self.step + 1} is {value}, samples {where}; {kept}; "
            "look at these samples, or try a lower rate"
        )

    def _log(self, means: dict[str, float], report: Report) -> None:
        if not self.accelerator.is_main_process:
            return
        samples = self.step * self.recipe.batch
        record = {"step": self.step, "samples": samples, **means}
        append_record(self.out, record)
        report(" ".join(f"{name} {value:.6g}" for name, value in record.items()))

    def _after(self, report: Report, stopped: bool) -> None:
        recipe, over = self.recipe, self.step >= self.recipe.steps
        if (self.step % recipe.validate_every == 0 or over) and self.material.measured:
            self._measure(report)
        if self.step % recipe.save_every == 0 or over or stopped:
            self.keeper.save(self.learner, self.step, self.best, self.averages.pending())

    def _measure(self, report: Report) -> None:
        """Measure, and keep the weights where they are the best so far."""
        learner = self.learner
        numbers = measure(
            learner.objective,
            learner.features,
            self.material.measured,
            self.collate,
            self.accelerator,
        )
        if self.accelerator.is_main_process:
            append_record(self.out, {"step": self.step, "validation": numbers})
            report("held out " + " ".join(f"{k} {v:.4f}" for k, v in numbers.items()))
        if numbers["ciou"] > self.best:
            self.best = numbers["ciou"]
            self.keeper.export(self.learner, "best")


def _doubtful(batch: Batch, each: torch.Tensor) -> list[str]:
    """Names of the pictures of which a loss is not finite, with the phrase."""
    bad = (~torch.isfinite(each.detach())).nonzero()[:, 0].tolist()
    pictures = batch.image_of.tolist()
    return [f"{batch.keys[pictures[row]]} {batch.phrases[row]!r}" for row in bad]
