"""The training loop of the embedded model: plain PyTorch through accelerate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from biprompt.errors import ModelError, WeightsError
from biprompt.models.compact import CompactModel
from biprompt.training.checkpoints import load_checkpoint, load_weights, save_checkpoint
from biprompt.training.compact.asking import draw_rounds
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.batches import Batch, Share, batches
from biprompt.training.compact.clock import Clock
from biprompt.training.compact.objective import CompactObjective
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.schedule import Progress
from biprompt.training.compact.weights import parameter_groups, update_average
from biprompt.training.interrupts import Interrupts
from biprompt.training.log import Averages, append_record
from biprompt.zoo.words import WordTable

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"

Report = Callable[[str], None]
Validate = Callable[[CompactModel], dict[str, float]]


class CompactTrainer:
    """One resumable run in one folder.

    Several processes (``accelerate launch``, ``torchrun``) share every step; the first of them
    measures and writes.

    Args:
        recipe: what to do.
        model: where it starts.
        bank: training scenes.
        words: word vectors.
        out: existing folder of ``checkpoint.pt``, ``best.pt`` and ``log.jsonl``.
        validate: gives the numbers of the averaged model; ``score`` among them, higher is better.
        labels: names the model knows besides those of the bank.
    """

    def __init__(
        self,
        recipe: CompactRecipe,
        model: CompactModel,
        bank: SceneBank,
        words: WordTable,
        out: Path,
        validate: Validate | None = None,
        labels: Iterable[str] = (),
    ) -> None:
        self.recipe, self.bank, self.words, self.out = recipe, bank, words, out
        self.validate = validate
        self.labels = bank.labels.union(labels)
        self.progress = Progress()
        self.best = -math.inf
        self.accelerator = Accelerator(
            mixed_precision=recipe.precision, cpu=not torch.cuda.is_available()
        )
        self.model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = CompactModel(model.config).requires_grad_(False)
        self.average.load_state_dict(model.state_dict())
        self.average.to(self.accelerator.device)
        objective = CompactObjective(self.model, spoken=recipe.spoken, word_noise=recipe.word_noise)
        optimizer = torch.optim.AdamW(parameter_groups(self.model, recipe))
        self.objective, self.optimizer = self.accelerator.prepare(objective, optimizer)

    def resume(self, path: Path) -> None:
        """Continues from a checkpoint: weights, average, optimiser, place in the schedule.

        Raises:
            WeightsError: it is missing, damaged, or of another model or recipe.
        """
        state = load_checkpoint(path)
        load_weights(self.model, state, "model", path)
        load_weights(self.average, state, "average", path)
        try:
            self.optimizer.load_state_dict(state["optimizer"])
            self.progress = Progress(**state["progress"])
            self.best = float(state["best"])
            self.labels = self.labels.union(state["labels"])
        except (KeyError, TypeError, ValueError) as error:
            expected = "the state of a run with as many frozen_blocks"
            raise WeightsError("checkpoint", expected=expected, actual=error, path=path) from error

    def run(self, report: Report) -> None:
        """Trains until the schedule is over, with a checkpoint every few minutes.

        Ctrl-C ends the present step, saves, and then interrupts.

        Raises:
            ModelError: the loss or its gradient is not a number; the last checkpoint stays.
            OutputError: a file cannot be written.
        """
        with Interrupts() as interrupts:
            clock = Clock(self.accelerator, interrupts, self.recipe.save_minutes)
            while not self._over and not clock.stopped:
                self._phase(report, clock)
            if not clock.stopped:
                self._measure(report)
            self._save()
        if clock.stopped:
            raise KeyboardInterrupt

    @property
    def _over(self) -> bool:
        return self.progress.part(self.recipe) >= 1.0

    def _phase(self, report: Report, clock: Clock) -> None:
        """Steps on crops of one size."""
        size, averages = self.progress.crop_size(self.recipe), Averages()
        with closing(self._batches(size)) as stream:
            for batch in stream:
                averages.add(self._timed_step(batch))
                clock.agree(self.progress)
                if self.progress.step % self.recipe.log_every == 0:
                    self._log(size, averages.flush(), report)
                if clock.stopped or self._over:
                    return
                if clock.save_is_due:
                    self._measure(report)
                    self._save()
                    clock.saved()
                if self.progress.crop_size(self.recipe) != size:
                    return

    def _batches(self, crop_size: int) -> Generator[Batch]:
        share = Share(self.accelerator.process_index, self.accelerator.num_processes)
        first = self.progress.samples
        return batches(
            self.recipe, self.bank, self.words, crop_size=crop_size, first=first, share=share
        )

    def _timed_step(self, batch: Batch) -> dict[str, float]:
        started = time.monotonic()
        values = self._step(batch)
        self.progress.step += 1
        self.progress.samples += len(batch) * self.accelerator.num_processes
        self.progress.seconds += time.monotonic() - started + batch.waited
        return values

    def _step(self, batch: Batch) -> dict[str, float]:
        recipe, step = self.recipe, self.progress.step
        rate = self.progress.rate(recipe)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        arrays = {name: value.to(self.accelerator.device) for name, value in batch.arrays.items()}
        rng = np.random.default_rng((recipe.seed, 1, step, self.accelerator.process_index))
        # All processes play as many rounds: none has to wait for another.
        rounds = draw_rounds(np.random.default_rng((recipe.seed, 2, step)))
        loss, log = self.objective(arrays, rng, rounds)
        self._check_finite("loss", float(loss.detach()))
        self.accelerator.backward(loss)
        norm = self.accelerator.clip_grad_norm_(self.model.parameters(), recipe.clip)
        self._check_finite("gradient", float(norm))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        # Faster at the beginning, when the average would be of random weights.
        update_average(self.average, self.model, min(recipe.ema, (1 + step) / (10 + step)))
        return {"loss": float(loss.detach()), "rate": rate, **log}

    def _check_finite(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            step, path = self.progress.step + 1, self.out / CHECKPOINT
            kept = f"{path} is as it was" if path.exists() else "nothing was saved yet"
            raise ModelError(f"the {what} of step {step} is {value}; {kept}; try a lower rate")

    def _log(self, size: int, means: dict[str, float], report: Report) -> None:
        if not self.accelerator.is_main_process:
            return
        record = {
            "step": self.progress.step,
            "samples": self.progress.samples,
            "minutes": round(self.progress.seconds / 60, 2),
            "size": size,
            **{name: float(f"{value:.4g}") for name, value in means.items()},
        }
        append_record(self.out, record)
        report(" ".join(f"{name} {value:g}" for name, value in record.items()))

    def _save(self) -> None:
        if not self.accelerator.is_main_process:
            return
        state = self._state(self.model) | {
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_checkpoint(self.out / CHECKPOINT, state)

    def _measure(self, report: Report) -> None:
        """Measures the averaged model and keeps it where it is the best so far."""
        if self.validate is None or not self.accelerator.is_main_process:
            return
        numbers = self.validate(self.average)
        append_record(self.out, {"step": self.progress.step, "validation": numbers})
        report("validation " + " ".join(f"{name} {value:.4f}" for name, value in numbers.items()))
        if numbers.get("score", -math.inf) > self.best:
            self.best = numbers["score"]
            state = self._state(self.average)
            save_checkpoint(self.out / BEST, state | {"average": state["model"]})

    def _state(self, model: CompactModel) -> dict[str, Any]:
        return {
            "model": model.state_dict(),
            "best": self.best,
            "progress": asdict(self.progress),
            "recipe": self.recipe.to_dict(),
            "labels": sorted(self.labels),
        }
