"""`biprompt train evf-sam`, without the command line: data and weights in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from accelerate import Accelerator

from biprompt.training.evf.batches import Collator
from biprompt.training.evf.keeping import Keeper
from biprompt.training.evf.learner import Learner
from biprompt.training.evf.loop import EvfTrainer
from biprompt.training.evf.material import Material, data_specs, open_material
from biprompt.training.evf.networks import start
from biprompt.training.evf.plan import RunPlan, plain
from biprompt.training.evf.reading import Words, open_words
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.seen import filled_store
from biprompt.training.evf.sizes import sizes_of
from biprompt.training.evf.wrapping import accelerator_for
from biprompt.training.folders import make_folder

Report = Callable[[str], None]


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
        words = open_words(recipe, files, plan.out, material.stream, keep=plan.resume)
    trainer = make_trainer(recipe, plan, plan.out, words, material, accelerator, report)
    if plan.resume:
        trainer.resume()
        if changed := plan.changed(material.told()):
            report(changed)
    if trainer.step == 0:
        trainer.begin(report, measure=files.start is not None)
    trainer.run(report)
    for line in material.faults.lines():
        report(line)
    return plan.out / "best" if accelerator.is_main_process else None


def make_trainer(
    recipe: EvfRecipe,
    plan: RunPlan,
    out: Path,
    words: Words,
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
    files = plan.first_files()
    sizes = sizes_of(recipe, files, words.vocabulary)
    model = start(recipe, sizes, files, words.vocabulary, report)
    side = model.beit_size
    learner = Learner(recipe, sizes, model, accelerator)
    stored = None
    if plan.embeddings is not None and learner.looker is not None:
        stored = filled_store(learner.looker, sizes.view, plan.embeddings).of
    collate = Collator(sizes.view, side, words.encode, stored)
    keeper = Keeper(out, recipe, words.file, plain(files) | {"data": material.told()})
    return EvfTrainer(recipe, learner, material, collate, keeper)


def _silent(line: str) -> None:
    pass
