"""What a run is worth on the test pairs: answers, masks, refusals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from biprompt.geometry import masks_in_frame
from biprompt.metrics import overlap
from biprompt.training.organ_seg.batches import Collator, in_turns
from biprompt.training.organ_seg.learner import OrganLearner
from biprompt.training.organ_seg.pairs import PRESENT, Pair


@torch.no_grad()
def measure(learner: OrganLearner, pairs: Sequence[Pair], collate: Collator) -> dict[str, float]:
    """Ask for every pair, and compare at the size of the picture.

    Args:
        learner: the model in training.
        pairs: at least one.
        collate: makes batches of them.

    Returns:
        ``accuracy``: share of pairs with the right class. ``dice``: mean over pairs whose organ is
        on the slice, 0 where the model refuses; ``refused`` and ``refused_wrongly``: shares of the
        false premises and of the others; each left out where there are no such pairs. ``score``:
        mean of `dice` and `refused`, as far as they are there; the best weights have the highest.
    """
    learner.model.eval()
    right: list[bool] = []
    dice: list[float] = []
    refused: dict[bool, list[bool]] = {True: [], False: []}
    for some in in_turns(pairs, learner.recipe.micro_batch):
        batch = collate(some).to(learner.device)
        reading = learner.read(batch)
        found = reading.similarities.argmax(1).cpu()
        masks = learner.draw(batch, reading).float().cpu().numpy()
        none = len(learner.model.context) - 1
        for row, pair in enumerate(some):
            is_none = int(found[row]) == none
            right.append(int(found[row]) == collate.pairs.number(pair))
            refused[pair.kind == PRESENT].append(is_none)
            if pair.kind == PRESENT:
                mask = masks_in_frame(masks[row], batch.frames[row]) & (not is_none)
                dice.append(overlap(mask, collate.pairs.mask(pair)).dice)
    learner.model.train()
    named: dict[str, Sequence[float]] = {"accuracy": right, "dice": dice, "refused": refused[False],
             "refused_wrongly": refused[True]}  # fmt: skip
    numbers = {name: float(np.mean(values)) for name, values in named.items() if values}
    worth = [numbers[name] for name in ("dice", "refused") if name in numbers]
    return numbers | {"score": float(np.mean(worth)), "pairs": float(len(pairs))}
