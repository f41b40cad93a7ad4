"""`biprompt train evf-sam`, without the command line: data and weights in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from accelerate import Accelerator

from biprompt.training.evf.batches import Collator
from biprompt.training.evf.data.stream import Stream
from biprompt.training.evf.keeping import Keeper
from biprompt.training.evf.learner import Learner, precision_of
from biprompt.training.evf.loop import EvfTrainer
from biprompt.training.evf.material import Material, data_specs, open_material
from biprompt.training.evf.networks import start
from biprompt.training.evf.plan import RunPlan, plain
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.seen import filled_store
from biprompt.training.evf.sizes import FirstFiles, Sizes, sizes_of, tokenizer_file
from biprompt.training.evf.vocabulary import write_vocabulary
from biprompt.training.folders import make_folder
from biprompt.zoo.folders import TOKENIZER
from biprompt.zoo.tokenizer import Tokenizer

Report = Callable[[str], None]

_SAID, _SAID_EACH = 2000, 20
"""Samples whose phrases the vocabulary of a tiny network is made from: at most, and a picture."""


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
    plan.check(recipe)
    accelerator = accelerator_for(recipe)
    report = report if accelerator.is_main_process else _silent
    recipe.accumulation(accelerator.num_processes)
    material = open_material(data_specs(plan.data, recipe.ratios), recipe)
    report(material.told())
    make_folder(plan.out)
    files = plan.first_files()
    with accelerator.main_process_first():
        words = tokenizer_of(recipe, files, plan.out, material.stream, keep=plan.resume)
    trainer = make_trainer(recipe, plan, plan.out, words, material, accelerator, report)
    if plan.resume:
        trainer.resume()
    else:
        trainer.begin()
    trainer.run(report)
    for line in material.faults.lines():
        report(line)
    return plan.out / "best" if accelerator.is_main_process else None


def accelerator_for(recipe: EvfRecipe) -> Accelerator:
    """What accelerate makes of the way the process was launched."""
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    return Accelerator(mixed_precision=precision_of(recipe), cpu=not torch.cuda.is_available())


def tokenizer_of(
    recipe: EvfRecipe, files: FirstFiles, folder: Path, stream: Stream, *, keep: bool
) -> Path:
    """The tokenizer: that of the weights; for a tiny network one of its own, in a folder.

    Args:
        recipe: of the run.
        files: what it starts from.
        folder: where a tokenizer is made.
        stream: what is said in training.
        keep: one that is there is the run's own.

    Raises:
        WeightsError: no tokenizer belongs to the weights.
    """
    if recipe.size != "tiny" or files.tokenizer is not None:
        return tokenizer_file(files)
    own = folder / TOKENIZER
    if not (keep and own.exists()):
        count = min(_SAID, _SAID_EACH * sum(map(len, stream.sources)))
        said = (phrase for n in range(count) for phrase in stream.sample(n).phrases)
        write_vocabulary(own, said, recipe.tiny_words)
    return own


def make_trainer(
    recipe: EvfRecipe,
    plan: RunPlan,
    out: Path,
    words: Path,
    material: Material,
    accelerator: Accelerator,
    report: Report = lambda line: None,
) -> EvfTrainer:
    """The run of a recipe, at its beginning.

    Args:
        recipe: of the run.
        plan: where it reads.
        out: where it writes.
        words: its tokenizer.
        material: what it learns from.
        accelerator: knows device and processes.
        report: told where weights come from.

    Raises:
        WeightsError: a file of weights is missing, damaged, or of another model.
        DataError: there are no embeddings of the image encoder.
    """
    tokenizer, files = Tokenizer.from_file(words), plan.first_files()
    sizes = sizes_of(recipe, files, tokenizer.vocab_size)
    learner = Learner(recipe, sizes, start(recipe, sizes, files, report), accelerator)
    collate = _collator(plan, sizes, tokenizer, learner)
    keeper = Keeper(out, recipe, words, plain(files))
    return EvfTrainer(recipe, learner, material, collate, keeper)


def _collator(plan: RunPlan, sizes: Sizes, tokenizer: Tokenizer, learner: Learner) -> Collator:
    stored = None
    if plan.embeddings is not None and learner.looker is not None:
        stored = filled_store(learner.looker, sizes.view, plan.embeddings).of
    return Collator(sizes.view, sizes.evf.beit3.image_size, tokenizer.encode, stored)


def _silent(line: str) -> None:
    pass
