"""cIoU on what is held out, worked out by all processes together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import nn

from biprompt.metrics import Overlap, ReferringSums, overlap, referring_sums
from biprompt.training.evf.batches import Batch, Collator, Features
from biprompt.training.evf.data.values import Spoken
from biprompt.training.evf.objective import to_original

Look = Callable[[Batch], "Features | None"]


def measure(
    model: nn.Module,
    look: Look,
    places: Sequence[tuple[Sequence[Spoken], int]],
    collate: Collator,
    accelerator: Accelerator,
) -> dict[str, float]:
    """Ask for every phrase of some pictures, and compare at the size of the picture.

    Args:
        model: an `EvfObjective`, wrapped or not.
        look: gives what SAM sees of a batch.
        places: lists of pictures, and places in them.
        collate: makes batches of them.
        accelerator: knows the processes, each of which takes every so many-th picture.

    Returns:
        ``ciou``, ``giou`` and ``p50`` (metrics/referring.py), and ``sentences``.
    """
    model.eval()
    mine: list[Overlap] = []
    for sample, counts in _share(places, accelerator):
        found = _overlaps(model, look, sample, collate, accelerator)
        mine += found if counts else []
    model.train()
    every = gather_object([referring_sums(mine)])
    sums = sum(every[1:], every[0]) if len(every) > 1 else every[0]
    return _numbers(sums)


def _share(
    places: Sequence[tuple[Sequence[Spoken], int]], accelerator: Accelerator
) -> Iterator[tuple[Spoken, bool]]:
    """This process's pictures, and whether they count: all have as many, or some would wait."""
    count, first = accelerator.num_processes, accelerator.process_index
    for turn in range(-(-len(places) // count)):
        index = turn * count + first
        part, place = places[min(index, len(places) - 1)]
        yield part[place], index < len(places)


@torch.no_grad()
def _overlaps(
    model: nn.Module, look: Look, sample: Spoken, collate: Collator, accelerator: Accelerator
) -> list[Overlap]:
    batch = collate([sample]).to(accelerator.device)
    (logits,) = model(batch, look(batch), answer=True)
    masks = (to_original(logits, batch.frames[0]) > 0).cpu().numpy()
    return [overlap(a, np.asarray(b)) for a, b in zip(masks, sample.masks, strict=True)]


def _numbers(sums: ReferringSums) -> dict[str, float]:
    return {
        "ciou": sums.ciou,
        "giou": sums.giou,
        "p50": sums.precision(50),
        "sentences": float(sums.sentences),
    }
