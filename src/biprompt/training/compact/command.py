"""`biprompt train compact`, without the command line: folders in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError, OutputError
from biprompt.models.compact import CompactModel
from biprompt.training.checkpoints import load_checkpoint, load_weights
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.calibrate import Calibration, calibrate
from biprompt.training.compact.class_names import head_words
from biprompt.training.compact.export import MANIFEST, export_onnx
from biprompt.training.compact.loop import BEST, CHECKPOINT, CompactTrainer
from biprompt.training.compact.photos import Folder, load_folders
from biprompt.training.compact.recipe import CompactRecipe, load_recipe
from biprompt.training.compact.validate import Validator
from biprompt.training.compact.weights import FirstWeights, new_model
from biprompt.training.folders import make_folder
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
        out: folder of checkpoints and log; it is made.
        first: what a new run starts from.
        resume: continue ``out/checkpoint.pt``; then `first` is not looked at.
    """

    data: Path
    out: Path
    first: FirstWeights = field(default_factory=FirstWeights)
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """The newest state of the run."""
        return self.out / CHECKPOINT

    def recipe(self, config: Path | None, changes: Mapping[str, Any]) -> CompactRecipe:
        """The recipe of the run: of a resumed one, where no file is given, that of its checkpoint.

        Raises:
            DataError: see ``load_recipe``.
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume or config is not None:
            return load_recipe(config, changes)
        kept = load_checkpoint(self.checkpoint).get("recipe", {})
        return load_recipe(None, changes, load_recipe(None, kept))


def train_compact(recipe: CompactRecipe, plan: RunPlan, report: Report) -> Path | None:
    """Trains until the schedule is over.

    Ctrl-C ends the present step, saves, and is raised.

    Returns:
        the checkpoint of the best weights; None in all processes but the first.

    Raises:
        DataError: a data folder is missing or damaged, or ``out`` holds a run already.
        WeightsError: a file of weights is missing or damaged, or the blocks that the recipe
            freezes would be random.
        OutputError: ``out`` cannot be written.
        ModelError: the loss is not a number.
    """
    _check(recipe, plan)
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    words = WordTable.load()
    # Weights first: a wrong file is told at once, before the photographs are read.
    model = CompactModel() if plan.resume else new_model(recipe, plan.first, words, report)
    bank = SceneBank(load_folders(plan.data, recipe.folders, validation=False, progress=report))
    validator = _validator(recipe, plan.data, words, report)
    names = [] if plan.resume else plan.first.names()
    trainer = CompactTrainer(recipe, model, bank, words, plan.out, validator, head_words(names))
    if plan.resume:
        trainer.resume(plan.checkpoint)
    trainer.run(report)
    if not trainer.accelerator.is_main_process:
        return None
    best = plan.out / BEST
    return best if best.exists() else plan.checkpoint


def _check(recipe: CompactRecipe, plan: RunPlan) -> None:
    """Everything that can be wrong and costs nothing to find."""
    if plan.checkpoint.exists() and not plan.resume:
        raise DataError(
            "output folder", expected="an empty one, or --resume", actual="a run", path=plan.out
        )
    for name in recipe.folders:
        if not (plan.data / name).is_dir():
            path = plan.data / name
            raise DataError("data folder", expected="a folder", actual="nothing there", path=path)
    if plan.resume:
        load_checkpoint(plan.checkpoint)
    make_folder(plan.out)


def _validator(
    recipe: CompactRecipe, data: Path, words: WordTable, report: Report
) -> Validator | None:
    folders = validation_folders(recipe, data)
    if not folders:
        report("no photographs are kept aside: nothing is measured, the newest weights count")
        return None
    kept = ", ".join(f"{folder.name} {len(folder.photos)}" for folder in folders)
    report(f"kept aside: {kept}")
    return Validator(folders, words, max(VALIDATION_PHOTOS))


def validation_folders(recipe: CompactRecipe, data: Path) -> list[Folder]:
    """The held-out parts of the two folders that are drawn most often and name things."""
    folders: list[Folder] = []
    for name in sorted(recipe.folders, key=lambda name: -recipe.folders[name]):
        if len(folders) == len(VALIDATION_PHOTOS):
            break
        most = VALIDATION_PHOTOS[len(folders)]
        loaded = load_folders(data, {name: 1.0}, validation=True, most=most)
        folders += [folder for folder in loaded if not folder.regions]
    return folders


def export_checkpoint(
    checkpoint: Path,
    out: Path,
    name: str = "compact",
    facts: Mapping[str, Any] | None = None,
    *,
    data: Path | None = None,
    force: bool = False,
) -> dict[str, float]:
    """Writes the averaged weights of a checkpoint as ONNX, ready for ``--model FOLDER``.

    Args:
        checkpoint: of a run.
        out: folder; it is made.
        name: what answers call the model.
        facts: further entries of ``model.json``.
        data: folder of the data folders; their held-out photographs calibrate the model. Without
            it the outputs stay as trained.
        force: replace a model that is there.

    Returns:
        the largest difference of each graph from PyTorch.

    Raises:
        WeightsError: the checkpoint is missing, damaged or of another model.
        OutputError: ``out`` cannot be written, or holds a model and ``force`` is False.
        ModelError: a graph differs from the model.
    """
    state = load_checkpoint(checkpoint)
    model = CompactModel()
    load_weights(model, state, "average", checkpoint)
    check_no_model(out, force=force)
    make_folder(out)
    known = sorted(load_vocabulary().with_labels(state.get("labels", ())).head_words())
    calibration = _calibration(model, load_recipe(None, state.get("recipe", {})), data)
    manifest = {
        "name": name,
        "long_side": LONG_SIDE,
        "known_words": known,
        "trained": {**state.get("progress", {}), "recipe": state.get("recipe", {})},
        "calibration": calibration.to_dict(),
        **(facts or {}),
    }
    return export_onnx(model, out, manifest, calibration)


def _calibration(model: CompactModel, recipe: CompactRecipe, data: Path | None) -> Calibration:
    """Fitted on the held-out photographs of the folder that is drawn most often."""
    folders = [] if data is None else validation_folders(recipe, data)
    if not folders:
        return Calibration()
    validator = Validator(folders[:1], WordTable.load(), long_side=LONG_SIDE)
    return calibrate(model.eval(), validator, folders[0])


def check_no_model(out: Path, *, force: bool) -> None:
    """Fails now rather than after hours where a model would be overwritten.

    Raises:
        OutputError: ``out`` holds a model and ``force`` is False.
    """
    if (out / MANIFEST).exists() and not force:
        expected = "no model in it (--force replaces)"
        raise OutputError("output folder", expected=expected, actual=MANIFEST, path=out)
