"""The network at the beginning of a run: its weights from files or, for trials, at random."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import nn

from biprompt.errors import WeightsError
from biprompt.models.beit3 import Beit3
from biprompt.models.evf import EvfSam
from biprompt.models.sam import Sam, SamConfig
from biprompt.training.evf.clip import ClipSam, Network, load_clip, tiny_clip
from biprompt.training.evf.recipe import EvfRecipe
from biprompt.training.evf.sizes import BEIT3, FirstFiles, Sizes
from biprompt.zoo.build import empty_model, load_checkpoint
from biprompt.zoo.weights import open_weights

if TYPE_CHECKING:
    from transformers import CLIPModel

Report = Callable[[str], None]
_Made = TypeVar("_Made", EvfSam, ClipSam)

_START_STD = 0.02


def start(
    recipe: EvfRecipe, sizes: Sizes, files: FirstFiles, vocabulary: int, report: Report
) -> Network:
    """The network at the beginning of a run; what no file holds is random by the recipe's seed.

    Args:
        recipe: of the run.
        sizes: of the network.
        files: where weights come from; none for a tiny network.
        vocabulary: how many ids the tokenizer has.
        report: told what was taken from where.

    Returns:
        The network on the CPU, float32, in memory of its own.

    Raises:
        WeightsError: a file is missing, damaged, or lacks a tensor.
        ModelError: it does not fit in memory.
    """
    torch.manual_seed(recipe.seed)
    if recipe.size == "tiny":
        report("random start: a tiny network that was never trained, for trials")
        return _tiny(recipe, sizes, vocabulary)
    if recipe.encoder == "clip":
        return _owned(_beside_clip(recipe, sizes, files, report))
    if files.start is not None:
        report(f"{files.start}: {sizes.recognised.family}")
        return _owned(cast(EvfSam, load_checkpoint(files.start, dtype=torch.float32).model))
    return _joined(sizes, files, report)


def blank_network(recipe: EvfRecipe, sizes: Sizes, files: FirstFiles, vocabulary: int) -> Network:
    """The network without weights, on the meta device; CLIP is read for its sizes."""
    if recipe.encoder != "clip":
        return cast(EvfSam, empty_model(sizes.recognised))
    clip = None if recipe.size == "tiny" else _clip_of(files)
    with torch.device("meta"):
        made = clip or tiny_clip(recipe, vocabulary)
        return _speaking(recipe, sizes, empty_model(sizes.recognised), made).to("meta")


def _beside_clip(recipe: EvfRecipe, sizes: Sizes, files: FirstFiles, report: Report) -> ClipSam:
    if files.sam is None:
        raise TypeError("sizes were taken from its file")
    report(f"{files.sam}: {sizes.recognised.family}")
    report(f"{files.clip}: CLIP")
    sam = load_checkpoint(files.sam, dtype=torch.float32).model
    return _speaking(recipe, sizes, sam, _clip_of(files))


def _clip_of(files: FirstFiles) -> CLIPModel:
    if files.clip is None:
        raise TypeError("sizes were taken with a CLIP")
    return load_clip(files.clip)


def _speaking(recipe: EvfRecipe, sizes: Sizes, sam: nn.Module, clip: CLIPModel) -> ClipSam:
    concat = recipe.fusion == "late"
    return ClipSam(sam, clip, concat=concat, out_dim=sizes.recognised.visual.dim)


def _joined(sizes: Sizes, files: FirstFiles, report: Report) -> EvfSam:
    if files.sam is None or files.beit3 is None:
        raise TypeError("sizes were taken from two files")
    sam = load_checkpoint(files.sam, dtype=torch.float32)
    model = EvfSam(sam.model, sizes.evf)
    unused = _fill(model.beit3, files.beit3)
    beit3 = sizes.evf.beit3
    report(f"{files.sam}: {sam.family}")
    report(f"{files.beit3}: BEiT-3, {beit3.layers} layers of {beit3.dim}; {unused} tensors unused")
    return _owned(model)


def _fill(beit3: Beit3, path: Path) -> int:
    """Give BEiT-3 its weights; the head of its pre-training is not used.

    Returns:
        How many tensors of the file were not used.
    """
    weights, wanted = open_weights(path), beit3.state_dict()
    missing = [BEIT3 + name for name in wanted if BEIT3 + name not in weights]
    if missing:
        actual = f"no {', '.join(missing[:3])}" + (" ..." if len(missing) > 3 else "")
        raise WeightsError("--beit3", expected=f"{len(wanted)} tensors", actual=actual, path=path)
    for name, value in wanted.items():
        given = weights[BEIT3 + name]
        if given.shape != value.shape:
            raise WeightsError(
                name, expected=tuple(value.shape), actual=tuple(given.shape), path=path
            )
        value.copy_(given)
    return len(weights) - len(wanted)


def _owned(model: _Made) -> _Made:
    """Weights in memory of their own, float32: those of a file are pages of it."""
    for value in (*model.parameters(), *model.buffers()):
        value.data = value.data.float().clone() if value.is_floating_point() else value.data.clone()
    return model


@torch.no_grad()
def _tiny(recipe: EvfRecipe, sizes: Sizes, vocabulary: int) -> Network:
    """Positions and [CLS] start at zero, to be loaded; a network from scratch must tell places."""
    visual = Sam(cast(SamConfig, sizes.recognised.visual))
    model: Network
    if recipe.encoder == "clip":
        model = _speaking(recipe, sizes, visual, tiny_clip(recipe, vocabulary))
    else:
        model = EvfSam(visual, sizes.evf)
    zero = ("pos_embed", "embed_positions.A.weight", "embed_positions.B.weight", "cls_token")
    for name, value in model.named_parameters():
        if name.endswith(zero):
            nn.init.trunc_normal_(value, std=_START_STD)
    return model
