"""The training loop of Organ-Seg: plain PyTorch, one process on one device."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice

import torch

from biprompt.errors import ModelError
from biprompt.training.evf.data.prefetch import in_order
from biprompt.training.evf.schedule import Division
from biprompt.training.interrupts import Interrupts
from biprompt.training.log import Averages, append_record
from biprompt.training.organ_seg.batches import Batch, Collator, drawn
from biprompt.training.organ_seg.keeping import Keeper, State
from biprompt.training.organ_seg.learner import OrganLearner
from biprompt.training.organ_seg.pairs import TEST, TRAIN
from biprompt.training.organ_seg.validate import measure

Report = Callable[[str], None]


class OrganTrainer:
    """One resumable run in one folder.

    The batch of a step is a function of the seed and the step; interruptions change nothing.

    Args:
        learner: the model and its optimiser.
        collate: makes batches of pairs.
        keeper: writes and reads checkpoints.
    """

    def __init__(self, learner: OrganLearner, collate: Collator, keeper: Keeper) -> None:
        self.recipe, self.learner, self.collate, self.keeper = (
            learner.recipe, learner, collate, keeper
        )  # fmt: skip
        self.pairs = collate.pairs.of(TRAIN)
        tests = collate.pairs.of(TEST)
        self.tests = tests[:: max(1, -(-len(tests) // max(1, self.recipe.held_out)))]
        self.tests = self.tests if self.recipe.held_out else ()
        self.step, self.best, self.averages = 0, -math.inf, Averages()

    def resume(self) -> None:
        """Go on from the run's checkpoint.

        Raises:
            WeightsError: it is missing, damaged, or of another model or recipe.
        """
        state = self.keeper.load(self.learner)
        self.step, self.best, self.averages = state.step, state.best, Averages(state.pending)

    def run(self, report: Report) -> None:
        """Train until the schedule is over.

        Ctrl-C ends the present step, saves, and then interrupts.

        Raises:
            ModelError: the loss or its gradient is not a number; the last checkpoint stays.
            OutputError: a file cannot be written; the last checkpoint stays.
        """
        with Interrupts() as interrupts:
            for passes in self._steps():
                self._step(passes, report)
                self._after(report, interrupts.asked)
                if interrupts.asked:
                    raise KeyboardInterrupt
        if not self.tests:
            self.keeper.export(self.learner)

    def _steps(self) -> Iterator[list[Batch]]:
        """The passes of each step from here on."""
        recipe = self.recipe
        division = Division(recipe.batch, recipe.micro_batch)
        numbers = division.from_step(self.step, recipe.steps)
        chosen = (drawn(self.pairs, recipe.seed, some) for some in numbers)
        with closing(in_order(self.collate, chosen, workers=recipe.workers)) as made:
            while passes := list(islice(made, division.passes)):
                yield passes

    def _step(self, passes: Sequence[Batch], report: Report) -> None:
        started = time.monotonic()
        values = self._learn(passes)
        self.step += 1
        self.averages.add(values | {"seconds": time.monotonic() - started})
        if self.step % self.recipe.log_every == 0:
            record = {"step": self.step, **self.averages.flush()}
            append_record(self.keeper.out, record)
            report(" ".join(f"{name} {value:.6g}" for name, value in record.items()))

    def _learn(self, passes: Sequence[Batch]) -> dict[str, float]:
        """One step of the optimiser; returns means over the pairs that a loss is of."""
        recipe, learner = self.recipe, self.learner
        torch.manual_seed(hash((recipe.seed, self.step)))
        pairs = sum(len(batch.keys) for batch in passes)
        none = len(self.collate.pairs.classes)
        there = max(1, sum(int((batch.classes < none).sum()) for batch in passes))
        rate = recipe.rate_at(self.step)
        learner.set_rate(rate)
        ce = dice = 0.0
        for batch in passes:
            losses = learner.losses(batch.to(learner.device))
            loss = recipe.ce * losses.ce / pairs + recipe.dice * losses.dice / there
            self._check("loss", float(loss.detach()), batch)
            loss.backward()  # type: ignore[no-untyped-call]
            ce, dice = ce + float(losses.ce.detach()), dice + float(losses.dice.detach())
        norm = learner.update()
        self._check("gradient", norm, passes[0])
        ce, dice = ce / pairs, dice / there
        loss_of_step = recipe.ce * ce + recipe.dice * dice
        return {"loss": loss_of_step, "ce": ce, "dice": dice, "norm": norm, "rate": rate}

    def _check(self, what: str, value: float, batch: Batch) -> None:
        if not math.isfinite(value):
            names = ", ".join(batch.keys[:4])
            raise ModelError(
                f"the {what} of step {self.step + 1} is {value}, pairs {names}; the last "
                "checkpoint is as it was; look at these pairs, or try a lower rate"
            )

    def _after(self, report: Report, stopped: bool) -> None:
        recipe, over = self.recipe, self.step >= self.recipe.steps
        if self.tests and (self.step % recipe.validate_every == 0 or over):
            self._measure(report)
        if self.step % recipe.save_every == 0 or over or stopped:
            state = State(self.step, self.best, self.averages.pending())
            self.keeper.save(self.learner, state)

    def _measure(self, report: Report) -> None:
        """Measure, and keep the weights where they are the best so far."""
        numbers = measure(self.learner, self.tests, self.collate)
        append_record(self.keeper.out, {"step": self.step, "validation": numbers})
        report("test pairs " + " ".join(f"{k} {v:.4f}" for k, v in numbers.items()))
        if numbers["score"] > self.best:
            self.best = numbers["score"]
            self.keeper.export(self.learner)
