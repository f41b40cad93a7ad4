"""`biprompt train compact`, without the command line: folders in, a resumable run out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError
from biprompt.models.compact import CompactModel
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.compact.bank import Folder, SceneBank, load_folders
from biprompt.training.compact.export import export_onnx
from biprompt.training.compact.loop import CompactTrainer, load_backbone
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.validate import Validator
from biprompt.zoo.words import WordTable

VALIDATION_PHOTOS = (60, 25)
"""Held-out photographs of the first folder (with words) and of the second."""
LONG_SIDE = 512
"""Model pixels of the longer side of an image in use."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Where a run reads and writes.

    Attributes:
        data: folder that holds the COCO-format folders.
        out: folder of checkpoints and log.
        backbone: MobileNetV2 weights to start from; not needed to resume.
        start: checkpoint whose averaged weights a new schedule starts from.
        resume: continue ``out/checkpoint.pt``.
    """

    data: Path
    out: Path
    backbone: Path | None = None
    start: Path | None = None
    resume: bool = False


def train_compact(recipe: CompactRecipe, plan: RunPlan, report: Report) -> Path:
    """Trains until the schedule is over or Ctrl-C, and gives the checkpoint's path.

    Raises:
        DataError: a data folder is missing or damaged, or ``out`` holds a run already.
        WeightsError: the backbone or a checkpoint is missing or damaged.
    """
    checkpoint = plan.out / "checkpoint.pt"
    if checkpoint.exists() and not plan.resume:
        raise DataError(
            "output folder", expected="an empty one, or --resume", actual="a run", path=plan.out
        )
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    words = WordTable.load()
    bank = SceneBank(load_folders(plan.data, recipe.folders, validation=False, progress=report))
    validator = Validator(validation_folders(recipe, plan.data), words, max(VALIDATION_PHOTOS))
    trainer = CompactTrainer(recipe, bank, words, plan.out, validator)
    if plan.start is not None:
        trainer.start_from(plan.start)
    elif plan.backbone is not None:
        load_backbone(trainer.model, plan.backbone)
    trainer.prepare()
    if plan.resume:
        trainer.resume(checkpoint)
    trainer.run(report)
    return checkpoint


def validation_folders(recipe: CompactRecipe, data: Path) -> list[Folder]:
    """The held-out parts of the two folders that are drawn most often and name things."""
    named = sorted(recipe.folders, key=lambda name: -recipe.folders[name])
    folders: list[Folder] = []
    for name in named:
        if len(folders) == len(VALIDATION_PHOTOS):
            break
        for folder in load_folders(data, {name: 1.0}, validation=True):
            if not folder.regions:
                count = VALIDATION_PHOTOS[len(folders)]
                folders.append(dataclasses.replace(folder, photos=folder.photos[:count]))
    return folders


def export_checkpoint(
    checkpoint: Path, out: Path, name: str = "compact", facts: Mapping[str, Any] | None = None
) -> dict[str, float]:
    """Writes the averaged weights of a checkpoint as ONNX, ready for ``--model FOLDER``.

    Returns:
        the largest difference of each graph from PyTorch.

    Raises:
        WeightsError: the checkpoint is missing or damaged.
    """
    state = load_checkpoint(checkpoint)
    model = CompactModel()
    model.load_state_dict(state["average"])
    known = sorted(load_vocabulary().with_labels(state.get("labels", ())).head_words())
    manifest = {
        "name": name, "long_side": LONG_SIDE, "known_words": known,
        "trained": {**state["progress"], "recipe": state["recipe"]}, **(facts or {}),
    }  # fmt: skip
    return export_onnx(model, out, manifest)
