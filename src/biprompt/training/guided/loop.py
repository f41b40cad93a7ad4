"""The training loop of the guided network: plain PyTorch, one process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from biprompt.errors import ModelError, WeightsError
from biprompt.guidance import Encoding
from biprompt.models.guided import GuidedNetwork
from biprompt.training.checkpoints import load_checkpoint, load_weights, save_checkpoint
from biprompt.training.compact.losses import mask_loss
from biprompt.training.guided.recipe import GuidedRecipe
from biprompt.training.guided.samples import ClickSamples, Sample
from biprompt.training.guided.session import Session
from biprompt.training.guided.validate import measure
from biprompt.training.guided.weights import parameter_groups
from biprompt.training.interrupts import Interrupts
from biprompt.training.log import Averages, append_record

CHECKPOINT = "checkpoint.pt"
Report = Callable[[str], None]


class GuidedTrainer:
    """One resumable run in one folder.

    A step is a function of the seed and its number; interruptions change nothing.

    Args:
        recipe: what to do.
        network: where it starts.
        samples: what is learnt from.
        held_out: what is measured; perhaps nothing.
        out: existing folder of ``checkpoint.pt`` and ``log.jsonl``.
    """

    def __init__(
        self,
        recipe: GuidedRecipe,
        network: GuidedNetwork,
        samples: ClickSamples,
        held_out: Sequence[Sample],
        out: Path,
    ) -> None:
        self.recipe, self.samples, self.held_out, self.out = recipe, samples, held_out, out
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.encoding = Encoding(recipe.encoding)
        self.optimizer = torch.optim.AdamW(parameter_groups(network, recipe), lr=recipe.rate)
        self.step, self.seconds, self.averages = 0, 0.0, Averages()

    def resume(self) -> None:
        """Go on from the run's checkpoint.

        Raises:
            WeightsError: it is missing, damaged, or of another network.
        """
        path = self.out / CHECKPOINT
        state = load_checkpoint(path)
        load_weights(self.network, state, "model", path)
        try:
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.seconds = int(state["step"]), float(state["seconds"])
            self.averages = Averages(state["pending"])
        except (KeyError, TypeError, ValueError) as error:
            expected = "the state of a run"
            raise WeightsError("checkpoint", expected=expected, actual=error, path=path) from error

    def run(self, report: Report) -> None:
        """Train until the steps are done; Ctrl-C ends the present step, saves, and interrupts.

        Raises:
            ModelError: the loss or its gradient is not a number; the last checkpoint stays.
            OutputError: a file cannot be written; the last checkpoint stays.
        """
        with Interrupts() as interrupts:
            while self.step < self.recipe.steps:
                started = time.monotonic()
                values = self._learn()
                self.step += 1
                self.seconds += time.monotonic() - started
                self.averages.add(values)
                self._after(report, stopped=interrupts.asked)
                if interrupts.asked:
                    raise KeyboardInterrupt

    def _learn(self) -> dict[str, float]:
        """One step of the optimiser."""
        recipe = self.recipe
        rng = np.random.default_rng((recipe.seed, 1, self.step))
        first = self.step * recipe.batch
        drawn = [self.samples[index] for index in range(first, first + recipe.batch)]
        session = self._played(Session.start(drawn, self.encoding, rng), rng)
        logits = self.network(session.pixels(), session.maps(), session.previous)
        loss = mask_loss(logits[:, 0], session.covered()).mean()
        rate = recipe.rate_at(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self._check(float(loss.detach()), float(norm))
        self.optimizer.step()
        return {"loss": float(loss.detach()), "norm": float(norm), "rate": rate}

    @torch.no_grad()
    def _played(self, session: Session, rng: np.random.Generator) -> Session:
        """Some rounds of answer and corrective click, none of which is learnt from."""
        rounds = int(rng.integers(self.recipe.rounds + 1))
        if not rounds:
            return session
        seen = self.network.look(session.pixels())
        for _ in range(rounds):
            logits = self.network.answer(seen, session.maps(), session.previous)
            session = session.correct(logits, rng)
        return session

    def _check(self, loss: float, norm: float) -> None:
        for what, value in (("loss", loss), ("gradient", norm)):
            if not math.isfinite(value):
                told = f"the {what} of step {self.step + 1} is {value}"
                raise ModelError(f"{told}; the last checkpoint is as it was; try a lower rate")

    def _after(self, report: Report, *, stopped: bool) -> None:
        recipe, over = self.recipe, self.step >= self.recipe.steps
        if self.step % recipe.log_every == 0 or over:
            record = {"step": self.step, "minutes": round(self.seconds / 60, 2)}
            self._write(record | self.averages.flush(), report)
        if self.held_out and (self.step % recipe.validate_every == 0 or over):
            numbers = measure(self.network, self.held_out, self.encoding)
            append_record(self.out, {"step": self.step, "validation": numbers})
            report("kept aside " + " ".join(f"{name} {v:.4f}" for name, v in numbers.items()))
        if self.step % recipe.save_every == 0 or over or stopped:
            save_checkpoint(self.out / CHECKPOINT, self._state())

    def _write(self, record: dict[str, Any], report: Report) -> None:
        append_record(self.out, record)
        report(" ".join(f"{name} {value:.4g}" for name, value in record.items()))

    def _state(self) -> dict[str, Any]:
        return {
            "model": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "pending": self.averages.pending(),
            "recipe": self.recipe.to_dict(),
        }
