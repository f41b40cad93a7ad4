"""Checkpoints of a run, and the export of its weights."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from biprompt.errors import WeightsError
from biprompt.training.checkpoints import load_checkpoint, save_checkpoint
from biprompt.training.evf.export import write_model
from biprompt.training.evf.learner import Learner
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.state import check_weights, plain

CHECKPOINT = "checkpoint.pt"


class Keeper:
    """Reads and writes the folder of a run; the first process writes, all take part.

    Args:
        out: the folder; it exists.
        recipe: of the run.
        tokenizer: sentencepiece model, copied beside exported weights; None: CLIP has its own.
        sources: where weights and data come from, kept for `--resume`.
    """

    def __init__(
        self, out: Path, recipe: EvfRecipe, tokenizer: Path | None, sources: dict[str, Any]
    ) -> None:
        self.out, self.recipe, self.tokenizer, self.sources = out, recipe, tokenizer, sources

    def begin(self, learner: Learner) -> None:
        """Write the checkpoint of a run that has made no step: how it began, without weights."""
        if learner.accelerator.is_main_process:
            save_checkpoint(self.out / CHECKPOINT, self._facts(learner) | {"model": {}, "step": 0})
        learner.accelerator.wait_for_everyone()

    def save(
        self, learner: Learner, step: int, best: float, pending: dict[str, list[float]]
    ) -> None:
        """Write the checkpoint.

        Raises:
            OutputError: it cannot be written; the one before is still there.
        """
        if learner.is_asked_for_weights:
            state = self._facts(learner) | {
                "model": learner.learnt(),
                "optimizer": learner.optimizer_state(),
                "scaler": plain(learner.scaler_state()),
                "step": step,
                "best": best,
                "pending": pending,
            }
            if learner.accelerator.is_main_process:
                save_checkpoint(self.out / CHECKPOINT, state)
        learner.accelerator.wait_for_everyone()

    def load(self, learner: Learner) -> tuple[int, float, dict[str, list[float]]]:
        """Put the checkpoint's state into the network and the optimiser.

        Returns:
            Steps made, the best number so far, and what was not logged yet.

        Raises:
            WeightsError: it is missing, damaged, or of another model or recipe.
        """
        path = self.out / CHECKPOINT
        state = load_checkpoint(path)
        self._check_frozen(learner, state.get("frozen"))
        if state.get("step") == 0:
            return 0, -math.inf, {}
        check_weights(learner.parameters(), state["model"], path)
        try:
            learner.put(state["model"], state["optimizer"])
            learner.put_scaler(state["scaler"])
            return int(state["step"]), float(state["best"]), dict(state["pending"])
        except (KeyError, TypeError, ValueError) as error:
            expected = "the state of a run of EVF-SAM"
            raise WeightsError("checkpoint", expected=expected, actual=error, path=path) from error

    def _facts(self, learner: Learner) -> dict[str, Any]:
        return {
            "kind": "evf-sam",
            "frozen": learner.frozen,
            "recipe": self.recipe.to_dict(),
            "sources": self.sources,
        }

    def _check_frozen(self, learner: Learner, kept: object) -> None:
        """What does not learn is not in the checkpoint: it has to be what the run began with."""
        if kept != learner.frozen:
            expected, path = f"frozen weights as the run began with ({kept})", self.out / CHECKPOINT
            raise WeightsError("--resume", expected=expected, actual=learner.frozen, path=path)

    def export(self, learner: Learner, name: str) -> None:
        """Write the network as it is now to a folder of the run.

        Raises:
            OutputError: it cannot be written; what was there before is still there.
        """
        if learner.is_asked_for_weights:
            state = learner.weights()
            if learner.accelerator.is_main_process:
                dtype = self.recipe.export_dtype
                write_model(self.out / name, learner.sizes, state, self.tokenizer, dtype)
        learner.accelerator.wait_for_everyone()
