"""Checkpoints of a run, and the model that it leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from biprompt.errors import WeightsError
from biprompt.training.checkpoints import load_checkpoint, save_checkpoint
from biprompt.training.evf.state import optimizer_state, put_optimizer, put_weights, whole
from biprompt.training.folders import make_folder
from biprompt.training.organ_seg.learner import OrganLearner
from biprompt.zoo.organ_seg.folder import LEARNT, OrganSegFacts
from biprompt.zoo.weights import TensorFacts, write_safetensors

CHECKPOINT, BEST = "checkpoint.pt", "best"


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands.

    Attributes:
        step: steps made.
        best: the highest score so far.
        pending: what was not logged yet.
    """

    step: int = 0
    best: float = -math.inf
    pending: dict[str, list[float]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Keeper:
    """Reads and writes the folder of a run.

    Attributes:
        out: the folder; it exists.
        facts: what the model's folder will say.
    """

    out: Path
    facts: OrganSegFacts

    def save(self, learner: OrganLearner, state: State) -> None:
        """Write the checkpoint.

        Raises:
            OutputError: it cannot be written; the one before is still there.
        """
        parameters = learner.parameters()
        save_checkpoint(
            self.out / CHECKPOINT,
            {
                "kind": "organ-seg",
                "recipe": learner.recipe.to_dict(),
                "frozen": learner.digest,
                "sources": {"language": self.facts.language, "sam": self.facts.sam},
                "model": {name: whole(value) for name, value in parameters.items()},
                "optimizer": optimizer_state(learner.optimizer, parameters),
                "step": state.step,
                "best": state.best,
                "pending": state.pending or {},
            },
        )

    def load(self, learner: OrganLearner) -> State:
        """Put the checkpoint's state into the model and the optimiser.

        Raises:
            WeightsError: it is missing, damaged, or of another model or recipe.
        """
        path = self.out / CHECKPOINT
        state: dict[str, Any] = load_checkpoint(path)
        if state.get("frozen") != learner.digest:
            expected = f"networks as the run began with ({state.get('frozen')})"
            raise WeightsError("--resume", expected=expected, actual=learner.digest, path=path)
        parameters = learner.parameters()
        _check(parameters, state["model"], path)
        put_weights(parameters, state["model"])
        try:
            put_optimizer(learner.optimizer, parameters, state["optimizer"])
            return State(int(state["step"]), float(state["best"]), dict(state["pending"]))
        except (KeyError, TypeError, ValueError) as error:
            expected = "the state of a run of Organ-Seg"
            raise WeightsError("checkpoint", expected=expected, actual=error, path=path) from error

    def export(self, learner: OrganLearner) -> None:
        """Write the model as it is now; a kill leaves the old or the new weights.

        Raises:
            OutputError: it cannot be written.
        """
        folder = self.out / BEST
        make_folder(folder)
        learnt = {name: whole(value).contiguous() for name, value in learner.learnt().items()}
        kinds = {name: str(value.dtype).removeprefix("torch.") for name, value in learnt.items()}
        facts = {name: TensorFacts(tuple(v.shape), kinds[name]) for name, v in learnt.items()}
        write_safetensors(folder / LEARNT, facts, lambda name: learnt[name], {}, force=True)
        self.facts.write(folder)


def _check(parameters: Mapping[str, nn.Parameter], given: Mapping[str, Tensor], path: Path) -> None:
    """Whether a checkpoint holds what the recipe lets learn, and nothing else."""
    own, kept = ({k: tuple(v.shape) for k, v in both.items()} for both in (parameters, given))
    wrong = sorted(name for name in own | kept if own.get(name) != kept.get(name))
    if wrong:
        expected, actual = "what the recipe lets learn", ", ".join(wrong[:4])
        raise WeightsError("checkpoint", expected=expected, actual=actual, path=path)
