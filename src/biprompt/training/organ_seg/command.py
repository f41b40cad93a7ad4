"""`biprompt train organ-seg`, without the command line: pairs in, a resumable run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from biprompt.errors import DataError, WeightsError
from biprompt.models.organ_seg.choice import Options
from biprompt.presence import load_domain
from biprompt.runtime.torch import Place
from biprompt.training.checkpoints import load_checkpoint
from biprompt.training.folders import make_folder
from biprompt.training.organ_seg.batches import Collator
from biprompt.training.organ_seg.context import context_of
from biprompt.training.organ_seg.keeping import BEST, CHECKPOINT, Keeper
from biprompt.training.organ_seg.learner import OrganLearner, dtype_of
from biprompt.training.organ_seg.loop import OrganTrainer
from biprompt.training.organ_seg.pairs import PairSet, read_pairs
from biprompt.training.organ_seg.recipe import OrganRecipe, load_recipe
from biprompt.zoo.organ_seg.folder import FILE, Mode, OrganSegFacts
from biprompt.zoo.organ_seg.loading import load_networks
from biprompt.zoo.pairs import Part

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Where a run reads and writes.

    Attributes:
        pairs: folder of question-mask pairs; needed to train.
        out: folder of the run; it is made.
        language: folder of the vision-language model; None with `resume` takes that of the run.
        sam: name or path of the SAM's weights, likewise.
        resume: continue ``out/checkpoint.pt``.
        device: "cpu", "cuda", ...; None takes the fastest.
    """

    pairs: Path | None
    out: Path
    language: Path | None = None
    sam: str | None = None
    resume: bool = False
    device: str | None = None

    @property
    def checkpoint(self) -> Path:
        """The newest state of the run."""
        return self.out / CHECKPOINT

    def recipe(self, path: Path | None, changes: Mapping[str, Any]) -> OrganRecipe:
        """The recipe of the run: of a resumed one, where no file is given, that of its checkpoint.

        Raises:
            DataError: see `load_recipe`.
            WeightsError: the checkpoint to resume is missing or damaged.
        """
        if not self.resume or path is not None:
            return load_recipe(path, changes)
        kept = load_checkpoint(self.checkpoint).get("recipe", {})
        return load_recipe(None, changes, load_recipe(None, kept))

    def sources(self) -> tuple[Path, Path]:
        """Where both large networks are.

        Raises:
            WeightsError: one is not given, or is not there.
        """
        kept = load_checkpoint(self.checkpoint).get("sources", {}) if self.resume else {}
        language, sam = self.language or kept.get("language"), self.sam or kept.get("sam")
        if language is None or sam is None:
            expected = "--vision-language DIR and --sam NAME or FILE"
            actual = "no " + ("--sam" if language is not None else "--vision-language")
            raise WeightsError("first weights", expected=expected, actual=actual)
        return Path(language).resolve(), Part.of(sam).path.resolve()


def train_organ_seg(recipe: OrganRecipe, plan: RunPlan, report: Report) -> Path:
    """Train until the schedule is over.

    Ctrl-C ends the present step, saves, and is raised.

    Returns:
        The folder of the best weights, which `biprompt segment --model` takes.

    Raises:
        DataError: pairs are missing or damaged, or `out` holds a run already.
        WeightsError: a network is missing or damaged, or of another kind.
        OutputError: `out` cannot be written.
        MissingExtraError: transformers or peft is not installed.
        ModelError: the loss is not a number.
    """
    if plan.checkpoint.exists() and not plan.resume:
        expected = "an empty one, or --resume"
        raise DataError("output folder", expected=expected, actual="a run", path=plan.out)
    if plan.pairs is None:
        raise DataError("pairs", expected="--pairs DIR, from `biprompt data pairs`", actual="none")
    pairs = read_pairs(plan.pairs)
    language, sam = plan.sources()
    make_folder(plan.out)
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    device = Place.of(plan.device).device
    networks = load_networks(language, sam, recipe.turns, dtype_of(recipe, device))
    learner = OrganLearner(
        recipe, networks, context_of(load_domain(pairs.domain), pairs.classes), device
    )
    counted = sum(value.numel() for value in learner.parameters().values())
    report(f"{counted / 1e6:.2f}M parameters learn, on {device}")
    facts = _facts(recipe, pairs, language, sam, learner.digest)
    collate = Collator(
        pairs, networks.language.talk, networks.language.view, networks.view, recipe.asks
    )
    trainer = OrganTrainer(learner, collate, Keeper(plan.out, facts))
    if plan.resume:
        trainer.resume()
    trainer.run(report)
    return plan.out / BEST


def write_zero_shot(
    language: Path, sam: str, out: Path, *, domain: str = "organs",
    turns: str = "mistral", classes: tuple[str, ...] | None = None, force: bool = False,
) -> Path:  # fmt: skip
    """Write a model that answers by multiple choice, without training anything.

    A class more or less is a matter of the list alone: the class-incremental use.

    Args:
        language: folder of the vision-language model.
        sam: name or path of the SAM's weights.
        out: folder; it is made.
        domain: a list of things, see `load_domain`.
        turns: how a turn of the user is written.
        classes: the options; None takes all things of the domain.
        force: replace a model that is there.

    Returns:
        `out`.

    Raises:
        DataError: there is no such domain, or a class that it does not know.
        InputError: more things than there are letters.
        WeightsError: a network is not there.
        OutputError: `out` holds a model, or cannot be written.
    """
    listed = load_domain(domain)
    names = classes or listed.things
    if unknown := [name for name in names if name not in listed.things]:
        raise DataError("classes", expected=f"things of {domain}", actual=", ".join(unknown))
    Options(names)
    if (out / FILE).exists() and not force:
        expected = "no model in it (--force replaces)"
        raise DataError("output folder", expected=expected, actual=FILE, path=out)
    found = Part.of(sam).path.resolve()
    load_networks(language, found, turns)  # wrong files are told now, and not with the question
    make_folder(out)
    facts = OrganSegFacts(
        Mode.CHOICE, str(language.resolve()), str(found), "", turns, "choice", domain, names,
        listed.none.name,
    )  # fmt: skip
    facts.write(out)
    return out


def _facts(
    recipe: OrganRecipe, pairs: PairSet, language: Path, sam: Path, digest: str
) -> OrganSegFacts:
    return OrganSegFacts(
        Mode.TRAINED, str(language), str(sam), digest, recipe.turns, recipe.asks, pairs.domain,
        pairs.classes, pairs.none, recipe.hidden, recipe.tokens,
        recipe.lora_alpha / recipe.lora_rank if recipe.lora else 0.0,
    )  # fmt: skip
