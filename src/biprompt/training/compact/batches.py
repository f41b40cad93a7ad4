"""Batches of samples, made by worker processes, in an order that depends on the recipe alone."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from biprompt.data.expressions import ExpressionBuilder
from biprompt.data.vocabulary import load_vocabulary
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.recipe import CompactRecipe
from biprompt.training.compact.said import PhraseWriter
from biprompt.training.compact.samples import CompactSamples, Sample, SampleSpec, collate
from biprompt.training.compact.schedule import batch_size
from biprompt.training.workers import leave_signals_to_the_parent, processes_for
from biprompt.zoo.words import WordTable

ENDLESS = 1 << 40
SINGULAR_FOR_ALL = 0.5
"""Share of the phrases for all of a kind that say "dog" for two dogs, as benchmarks do."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's samples and what it took to get them."""

    arrays: dict[str, Tensor]
    """See ``samples.collate``."""
    waited: float
    """Seconds."""

    def __len__(self) -> int:
        return len(self.arrays["image"])


@dataclass(frozen=True, slots=True)
class Share:
    """Which of the samples one of several processes learns from: every ``processes``-th.

    Attributes:
        process: from 0.
        processes: how many there are.
    """

    process: int = 0
    processes: int = 1


def batches(
    recipe: CompactRecipe,
    bank: SceneBank,
    words: WordTable,
    *,
    crop_size: int,
    first: int,
    share: Share,
) -> Generator[Batch]:
    """Endless batches of one crop size.

    Args:
        recipe: of the run.
        bank: where scenes come from.
        words: word vectors.
        crop_size: side of the crops, pixels.
        first: index of the first sample; a resumed run starts where it stopped.
        share: which of them this process makes.
    """
    samples = CompactSamples(
        bank,
        _writer(recipe, bank, words),
        SampleSpec(crop_size, recipe.clicks, recipe.paste_rate, recipe.mosaic_rate),
        seed=recipe.seed,
    )
    loader = DataLoader(
        samples,
        batch_size(recipe, crop_size, share.processes),
        sampler=range(first + share.process, ENDLESS, share.processes),
        collate_fn=_to_tensors,
        num_workers=processes_for(recipe.workers),
        prefetch_factor=4 if recipe.workers else None,
        worker_init_fn=leave_signals_to_the_parent,
    )
    mark = time.monotonic()
    for arrays in loader:
        yield Batch(arrays, time.monotonic() - mark)
        mark = time.monotonic()


def _writer(recipe: CompactRecipe, bank: SceneBank, words: WordTable) -> PhraseWriter:
    vocabulary = load_vocabulary().with_labels(bank.labels)
    builder = ExpressionBuilder(vocabulary, singular_for_all=SINGULAR_FOR_ALL)
    return PhraseWriter(builder, words, recipe.phrases, recipe.absent_rate)


def _to_tensors(samples: list[Sample]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(value) for name, value in collate(samples).items()}
