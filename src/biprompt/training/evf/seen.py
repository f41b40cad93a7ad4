"""Embeddings of the frozen image encoder on disk: made once, read in every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from accelerate import PartialState
from numpy.typing import NDArray
from torch import nn

from biprompt.data.faults import Faults
from biprompt.errors import DataError
from biprompt.models.evf import EvfSam
from biprompt.models.preprocess import SamPixels, SamResize, SamView
from biprompt.runtime.torch.place import Place
from biprompt.training.evf.batches import Features
from biprompt.training.evf.data.augment import Augmented
from biprompt.training.evf.data.embeddings import EmbeddingStore
from biprompt.training.evf.data.opening import SourceSpec, open_stream
from biprompt.training.evf.data.precompute import Done, Plan, Progress, precompute
from biprompt.training.evf.looking import Looker
from biprompt.training.evf.material import opening
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.zoo.build import load_checkpoint

StoredType = Literal["float16", "float32"]


@dataclass(frozen=True, slots=True)
class EmbedPlan:
    """What is looked at, and where it goes.

    Attributes:
        specs: data sets.
        weights: checkpoint of a SAM, or of an EVF-SAM.
        out: folder of all stores.
        dtype: of what is kept.
        workers: processes that read pictures.
    """

    specs: Sequence[SourceSpec]
    weights: Path
    out: Path
    dtype: StoredType = "float16"
    workers: int = 0


def store_for(looker: Looker, view: SamView, folder: Path, dtype: StoredType) -> EmbeddingStore:
    """The embeddings of an encoder in a folder of many; none may be there yet.

    Args:
        looker: the encoder.
        view: how pictures come to it.
        folder: of all stores.
        dtype: of what is kept.

    Raises:
        DataError: the store is damaged, or keeps another dtype.
    """
    told = f"{view.resize} {view.pixels} {view.side}"
    return EmbeddingStore(folder, weights=looker.version, preprocessing=told, dtype=dtype)


def filled_store(looker: Looker, view: SamView, folder: Path) -> EmbeddingStore:
    """The embeddings of an encoder, for training.

    Raises:
        DataError: there are none of this encoder.
    """
    try:
        store = store_for(looker, view, folder, "float16")
    except DataError as error:
        if error.what != "dtype":
            raise
        store = store_for(looker, view, folder, "float32")
    if not len(store):
        expected = "embeddings of this image encoder (biprompt train embed)"
        raise DataError("--embeddings", expected=expected, actual="none", path=folder)
    return store


def embed(plan: EmbedPlan, recipe: EvfRecipe, progress: Progress) -> tuple[Done, EmbeddingStore]:
    """Look at every picture that training with a recipe will show, and keep what is seen.

    It can be stopped at any moment and goes on when it is called again. Processes of one launch
    share the pictures.

    Raises:
        DataError: a data set is wrong, or the recipe changes pictures in ways without end.
        WeightsError: the checkpoint is missing, damaged, or has no image encoder that is known.
        OutputError: the disk is full or cannot be written.
    """
    faults, process = (
        Faults(skip=recipe.skip_faults),
        PartialState(cpu=not torch.cuda.is_available()),
    )
    stream = open_stream(plan.specs, opening(recipe), seed=recipe.seed, faults=faults)
    sources = [source for source in stream.sources if isinstance(source, Augmented)]
    loaded = load_checkpoint(plan.weights, dtype=torch.float32)
    visual: nn.Module = loaded.model
    if isinstance(visual, EvfSam):
        visual = visual.visual_model
    looker = Looker(visual, Place.of(str(process.device), batch=1))
    preset, side = loaded.preset, int(looker.promptable.image_size)
    view = SamView(side, SamResize(preset.resize), SamPixels(preset.pixels))
    store = store_for(looker, view, plan.out, plan.dtype)

    def seen(pixels: NDArray[np.uint8]) -> Features:
        return {name: value[0] for name, value in looker.look(view.canvas(pixels)[None]).items()}

    done = precompute(
        Plan.of(sources), seen, store, progress=progress, faults=faults, workers=plan.workers,
        process=process.process_index, processes=process.num_processes,
    )  # fmt: skip
    return done, store
