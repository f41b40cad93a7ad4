"""`biprompt train evf-sam`, without the command line: data and weights in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from biprompt.errors import DataError
from biprompt.models.preprocess import SamPixels, SamResize, SamView
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.evf.batches import Collator
from biprompt.training.evf.data.stream import Stream
from biprompt.training.evf.keeping import CHECKPOINT, Keeper
from biprompt.training.evf.learner import Learner, precision_of
from biprompt.training.evf.loop import EvfTrainer
from biprompt.training.evf.material import Material, data_specs, open_material
from biprompt.training.evf.networks import FirstFiles, Started, start, tokenizer_file
from biprompt.training.evf.recipe import EvfRecipe, load_recipe, tiny_recipe
from biprompt.training.evf.vocabulary import write_vocabulary
from biprompt.training.folders import make_folder
from biprompt.zoo.folders import TOKENIZER
from biprompt.zoo.tokenizer import Tokenizer

Report = Callable[[str], None]

_SAID, _SAID_EACH = 2000, 20
"""Samples whose phrases the vocabulary of a tiny network is made from: at most, and a picture."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Where a run reads and writes.

    Attributes:
        data: data sets, each ``DIR`` or ``DATASET=DIR``.
        out: folder of the run; it is made.
        files: what a new run starts from.
        resume: continue ``out/checkpoint.pt``.
    """

    data: Sequence[str]
    out: Path
    files: FirstFiles = field(default_factory=FirstFiles)
    resume: bool = False

    @property
    def checkpoint(self) -> Path:
        """The newest state of the run."""
        return self.out / CHECKPOINT

    def recipe(
        self, path: Path | None, changes: Mapping[str, Any], *, tiny: bool = False
    ) -> EvfRecipe:
        """The recipe of the run: of a resumed one, where no file is given, that of its checkpoint.

        Raises:
            DataError: see `load_recipe`.
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume or path is not None:
            return load_recipe(path, changes, tiny_recipe() if tiny else None)
        kept = load_checkpoint(self.checkpoint).get("recipe", {})
        return load_recipe(None, changes, load_recipe(None, kept))

    def first_files(self) -> FirstFiles:
        """What the network begins with; of a resumed run what it began with, or the files given.

        Raises:
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume:
            return self.files
        kept = load_checkpoint(self.checkpoint).get("sources", {})
        given = asdict(self.files)
        known = {name: Path(path) for name, path in kept.items() if path and name in given}
        return FirstFiles(**(known | {name: path for name, path in given.items() if path}))


def train_evf(recipe: EvfRecipe, plan: RunPlan, report: Report) -> Path | None:
    """Train until the schedule is over.

    Ctrl-C ends the present step, saves, and is raised.

    Returns:
        the folder of the best weights; None in all processes but the first.

    Raises:
        DataError: the data are missing or damaged, or ``out`` holds a run already.
        WeightsError: a file of weights is missing, damaged, or of another model.
        OutputError: ``out`` cannot be written.
        ModelError: the loss is not a number.
    """
    if plan.checkpoint.exists() and not plan.resume:
        raise DataError(
            "output folder", expected="an empty one, or --resume", actual="a run", path=plan.out
        )
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    accelerator = accelerator_for(recipe)
    if not accelerator.is_main_process:
        report = _silent
    recipe.accumulation(accelerator.num_processes)
    make_folder(plan.out)
    material = open_material(data_specs(plan.data, recipe.ratios), recipe)
    report(_about(material))
    files = plan.first_files()
    with accelerator.main_process_first():
        words = _words(recipe, plan, files, material.stream)
    tokenizer = Tokenizer.from_file(words)
    started = start(recipe, files, tokenizer.vocab_size, report)
    collate = _collator(started, tokenizer)
    keeper = Keeper(plan.out, recipe, words, _plain(files))
    learner = Learner(recipe, started, accelerator)
    trainer = EvfTrainer(recipe, learner, material, collate, keeper)
    if plan.resume:
        trainer.resume()
    else:
        keeper.begin(learner)
    trainer.run(report)
    for line in material.faults.lines():
        report(line)
    return plan.out / "best" if accelerator.is_main_process else None


def accelerator_for(recipe: EvfRecipe) -> Accelerator:
    """What accelerate makes of the way the process was launched."""
    return Accelerator(mixed_precision=precision_of(recipe), cpu=not torch.cuda.is_available())


def _collator(started: Started, tokenizer: Tokenizer) -> Collator:
    preset, model = started.preset, started.model
    view = SamView(model.image_size, SamResize(preset.resize), SamPixels(preset.pixels))
    return Collator(view, model.beit_size, tokenizer.encode)


def _about(material: Material) -> str:
    shares = zip(material.stream.sources, material.stream.shares, strict=True)
    sources = ", ".join(f"{one.name} {len(one)} ({share / 10:g} %)" for one, share in shares)
    kept = len(material.measured)
    return f"pictures: {sources}; held out: {kept or 'none, the newest weights count'}"


def _words(recipe: EvfRecipe, plan: RunPlan, files: FirstFiles, stream: Stream) -> Path:
    """The tokenizer: that of the weights; for a tiny network one of its own, made once."""
    if recipe.size != "tiny" or files.tokenizer is not None:
        return tokenizer_file(files)
    own = plan.out / TOKENIZER
    if not plan.resume or not own.exists():
        count = min(_SAID, _SAID_EACH * sum(map(len, stream.sources)))
        said = (phrase for n in range(count) for phrase in stream.sample(n).phrases)
        write_vocabulary(own, said, recipe.tiny_words)
    return own


def _plain(files: FirstFiles) -> dict[str, Any]:
    return {name: value and str(value.absolute()) for name, value in asdict(files).items()}


def _silent(line: str) -> None:
    pass
