"""The training loop of the embedded model: plain PyTorch through accelerate."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.data import DataLoader

from biprompt.data.expressions import ExpressionBuilder
from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError, WeightsError
from biprompt.models.compact import CompactModel
from biprompt.training.checkpoints import load_checkpoint, save_checkpoint
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.objective import CompactObjective
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.samples import CompactSamples, SampleSpec, collate
from biprompt.zoo.words import WordTable


@dataclass
class Progress:
    """Where a run stands; saved with every checkpoint."""

    step: int = 0
    samples: int = 0
    seconds: float = 0.0

    def part(self, recipe: CompactRecipe) -> float:
        """Share of the schedule that is over, 0 to 1."""
        by_time = self.seconds / (60.0 * recipe.minutes) if recipe.minutes else 0.0
        return min(1.0, max(self.step / recipe.steps, by_time))


@dataclass
class Averages:
    """Running means of what the log shows."""

    sums: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, values: dict[str, float]) -> None:
        """Takes the values of one step."""
        for name, value in values.items():
            self.sums[name] += value
            self.counts[name] += 1

    def flush(self) -> dict[str, float]:
        """The means since the last call."""
        means = {name: round(self.sums[name] / self.counts[name], 4) for name in self.sums}
        self.sums.clear()
        self.counts.clear()
        return means


def load_backbone(model: CompactModel, path: Path) -> None:
    """Starts the backbone from MobileNetV2 weights (ImageNet, or DeepLab's ``backbone.``).

    Raises:
        WeightsError: a tensor is missing or has another shape.
    """
    state = {name.removeprefix("backbone."): value for name, value in load_file(path).items()}
    wanted = model.backbone.state_dict()
    for name, value in wanted.items():
        actual = tuple(state[name].shape) if name in state else "nothing"
        if actual != tuple(value.shape):
            raise WeightsError(name, expected=tuple(value.shape), actual=actual, path=path)
    model.backbone.load_state_dict({name: state[name].float() for name in wanted})


def parameter_groups(model: CompactModel, recipe: CompactRecipe) -> list[dict[str, Any]]:
    """Backbone slower than the rest; no decay on biases, norms and single vectors."""
    groups: dict[tuple[float, float], list[Tensor]] = defaultdict(list)
    for block in model.backbone.features[: recipe.frozen_blocks]:
        block.requires_grad_(False)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            scale = recipe.backbone_rate if name.startswith("backbone.") else 1.0
            decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
            groups[scale, decay].append(parameter)
    return [
        {"params": parameters, "lr": recipe.rate * scale, "scale": scale, "weight_decay": decay}
        for (scale, decay), parameters in groups.items()
    ]


class CompactTrainer:
    """One resumable run in one folder.

    Args:
        recipe: what to do.
        bank: training scenes.
        words: word vectors.
        out: folder of ``checkpoint.pt``, ``best.pt`` and ``log.jsonl``.
        validate: gives the numbers of the averaged model; ``score`` among them, higher is better.
    """

    def __init__(
        self, recipe: CompactRecipe, bank: SceneBank, words: WordTable, out: Path,
        validate: Callable[[CompactModel], dict[str, float]] | None = None,
    ) -> None:  # fmt: skip
        self.recipe, self.bank, self.words, self.out = recipe, bank, words, out
        self.validate = validate
        self.accelerator = Accelerator(
            mixed_precision=recipe.precision, cpu=not torch.cuda.is_available()
        )
        torch.manual_seed(recipe.seed)
        self.model = CompactModel().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = CompactModel().requires_grad_(False)
        self.progress = Progress()
        self.best = -math.inf

    def prepare(self) -> None:
        """Hands model and optimiser to accelerate; call after the weights are in."""
        self.average.load_state_dict(self.model.state_dict())
        self.optimizer = torch.optim.AdamW(parameter_groups(self.model, self.recipe))
        self.objective = CompactObjective(
            self.model, spoken=self.recipe.spoken, word_noise=self.recipe.word_noise
        )
        self.step_model, self.optimizer = self.accelerator.prepare(self.objective, self.optimizer)

    def resume(self, path: Path) -> None:
        """Continues from a checkpoint: weights, average, optimiser, place in the schedule."""
        state = load_checkpoint(path)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        self.best = state["best"]

    def start_from(self, path: Path) -> None:
        """Takes the averaged weights of another run and starts a schedule of its own."""
        self.model.load_state_dict(load_checkpoint(path)["average"])

    def run(self, report: Callable[[str], None]) -> None:
        """Trains until the schedule is over; Ctrl-C saves and stops."""
        averages = Averages()
        saved = time.monotonic()
        try:
            while self.progress.part(self.recipe) < 1.0:
                for batch in self._batches():
                    started = time.monotonic()
                    averages.add(self._step(batch))
                    self.progress.seconds += time.monotonic() - started + self._waited
                    if self.progress.step % self.recipe.log_every == 0:
                        report(self._log(averages.flush()))
                    if time.monotonic() - saved > 60.0 * self.recipe.save_minutes:
                        self.measure(report)
                        self.save()
                        saved = time.monotonic()
                    if self._phase_over():
                        break
            self.measure(report)
        finally:
            self.save()

    def _size(self) -> int:
        late = self.progress.part(self.recipe) >= 1.0 - self.recipe.late_part
        return self.recipe.late_size if late else self.recipe.size

    def _phase_over(self) -> bool:
        return self._size() != self._crop or self.progress.part(self.recipe) >= 1.0

    def _batches(self) -> Iterator[dict[str, Tensor]]:
        """Batches of the present crop size, from where the run stands."""
        recipe = self.recipe
        self._crop = self._size()
        spec = SampleSpec(
            self._crop, recipe.clicks, recipe.phrases, absent_rate=recipe.absent_rate,
            paste_rate=recipe.paste_rate, mosaic_rate=recipe.mosaic_rate,
        )  # fmt: skip
        # Big crops in smaller batches: the same pixels a step.
        size = max(2, round(recipe.batch * (recipe.size / self._crop) ** 2))
        vocabulary = load_vocabulary().with_labels(self.bank.labels)
        samples = CompactSamples(
            self.bank, ExpressionBuilder(vocabulary, singular_for_all=0.5), self.words, spec, seed=recipe.seed,
            first=self.progress.samples,
        )  # fmt: skip
        loader = DataLoader(
            samples, size, sampler=range(1 << 40), collate_fn=_to_tensors,
            num_workers=recipe.workers, prefetch_factor=4 if recipe.workers else None,
        )  # fmt: skip
        mark = time.monotonic()
        for batch in loader:
            self._waited = time.monotonic() - mark
            self.progress.samples += size
            yield {name: value.to(self.accelerator.device) for name, value in batch.items()}
            mark = time.monotonic()

    def _step(self, batch: dict[str, Tensor]) -> dict[str, float]:
        recipe, step = self.recipe, self.progress.step
        warm = min(1.0, (step + 1) / recipe.warmup)
        rate = recipe.rate * warm * (0.01 + 0.99 * _cosine(self.progress.part(recipe)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        rng = np.random.default_rng((recipe.seed, 1, step))
        loss, log = self.step_model(batch, rng)
        if not math.isfinite(float(loss.detach())):
            raise DataError("loss", expected="a finite number", actual=float(loss.detach()))
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.model.parameters(), recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self._update_average()
        self.progress.step += 1
        return {"loss": float(loss.detach()), "rate": rate, **log}

    @torch.no_grad()
    def _update_average(self) -> None:
        """Exponential moving average, faster at the beginning."""
        keep = min(self.recipe.ema, (1 + self.progress.step) / (10 + self.progress.step))
        mine = list(self.average.parameters())
        torch._foreach_lerp_(mine, [p.detach() for p in self.model.parameters()], 1.0 - keep)

    def _log(self, means: dict[str, float]) -> str:
        record = {
            "step": self.progress.step, "samples": self.progress.samples,
            "minutes": round(self.progress.seconds / 60, 2), "size": self._crop, **means,
        }  # fmt: skip
        self._write(record)
        return " ".join(f"{name} {value:g}" for name, value in record.items())

    def _write(self, record: dict[str, Any]) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / "log.jsonl").open("a") as log:
            log.write(json.dumps(record) + "\n")

    def save(self) -> None:
        """Writes the checkpoint, whole or not at all."""
        state = self._state(self.model) | {
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        save_checkpoint(self.out / "checkpoint.pt", state)

    def measure(self, report: Callable[[str], None]) -> None:
        """Measures the averaged model and keeps it where it is the best so far."""
        if self.validate is None:
            return
        numbers = self.validate(self.average)
        self._write({"step": self.progress.step, "validation": numbers})
        report("validation " + " ".join(f"{k} {v:.4f}" for k, v in numbers.items()))
        if numbers["score"] > self.best:
            self.best = numbers["score"]
            state = self._state(self.average)
            save_checkpoint(self.out / "best.pt", state | {"average": state["model"]})

    def _state(self, model: CompactModel) -> dict[str, Any]:
        return {
            "model": model.state_dict(), "best": self.best, "progress": vars(self.progress),
            "recipe": self.recipe.to_dict(), "labels": sorted(self.bank.labels),
        }  # fmt: skip


def _cosine(part: float) -> float:
    return 0.5 * (1.0 + math.cos(math.pi * part))


def _to_tensors(samples: list[Any]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(value) for name, value in collate(samples).items()}
