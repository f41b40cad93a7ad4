"""`biprompt train guided`, without the command line: folders in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from biprompt.errors import DataError, WeightsError
from biprompt.models.guided import GuidedNetwork
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.folders import make_folder
from biprompt.training.guided.loop import CHECKPOINT, GuidedTrainer
from biprompt.training.guided.recipe import GuidedRecipe, load_recipe
from biprompt.training.guided.samples import ClickSamples, Sample, read_sources
from biprompt.training.guided.weights import load_backbone
from biprompt.zoo.guided import GuidedFacts, write_guided

HELD_OUT_SEED = 7
"""Of the objects kept aside: the same in every run."""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Where a run reads and writes.

    Attributes:
        data: folder that holds the COCO-format folders.
        out: folder of the run; it is made.
        backbone: MobileNetV2 weights; None starts from random ones, and resumed runs need none.
        resume: continue ``out/checkpoint.pt``.
    """

    data: Path
    out: Path
    backbone: Path | None = None
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """The newest state of the run."""
        return self.out / CHECKPOINT

    def recipe(self, path: Path | None, changes: Mapping[str, Any]) -> GuidedRecipe:
        """The recipe of the run: of a resumed one, where no file is given, that of its checkpoint.

        Raises:
            DataError: see `load_recipe`.
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume or path is not None:
            return load_recipe(path, changes)
        kept = load_checkpoint(self.checkpoint).get("recipe", {})
        return load_recipe(None, changes, load_recipe(None, kept))


def train_guided(recipe: GuidedRecipe, plan: RunPlan, report: Report) -> Path:
    """Train until the steps are done, then write the network for ``--model FOLDER``.

    Ctrl-C ends the present step, saves, and is raised.

    Returns:
        `plan.out`.

    Raises:
        DataError: a data folder is missing or damaged, or `out` holds a run already.
        WeightsError: the backbone's weights, or the checkpoint, are missing or damaged.
        OutputError: `out` cannot be written.
        ModelError: the loss is not a number.
    """
    if plan.checkpoint.exists() and not plan.resume:
        expected = "an empty one, or --resume"
        raise DataError("output folder", expected=expected, actual="a run", path=plan.out)
    if plan.resume and not plan.checkpoint.exists():
        expected = "a checkpoint to go on from"
        raise WeightsError("run", expected=expected, actual="none", path=plan.checkpoint)
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    network = GuidedNetwork(recipe.config)
    if plan.backbone is not None and not plan.resume:
        load_backbone(network, plan.backbone)
    sources = read_sources(plan.data, recipe.folders, validation=False)
    samples = ClickSamples(sources, recipe.size, seed=recipe.seed)
    held_out = _held_out(recipe, plan.data)
    make_folder(plan.out)
    trainer = GuidedTrainer(recipe, network, samples, held_out, plan.out)
    if plan.resume:
        trainer.resume()
    trainer.run(report)
    write_guided(plan.out, _facts(recipe, trainer), network)
    return plan.out


def _held_out(recipe: GuidedRecipe, data: Path) -> list[Sample]:
    if not recipe.held_out:
        return []
    sources = read_sources(data, recipe.folders, validation=True)
    samples = ClickSamples(sources, recipe.size, seed=HELD_OUT_SEED)
    return [samples[index] for index in range(recipe.held_out)]


def _facts(recipe: GuidedRecipe, trainer: GuidedTrainer) -> GuidedFacts:
    name = f"guided {recipe.encoding} {recipe.fusion}"
    trained = recipe.to_dict() | {"seconds": round(trainer.seconds, 1)}
    return GuidedFacts(name, recipe.encoding, recipe.config.to_dict(), recipe.long_side, trained)
