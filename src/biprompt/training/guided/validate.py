"""IoU after clicks on objects of photographs kept aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from biprompt.guidance import Encoding
from biprompt.models.guided import GuidedNetwork
from biprompt.training.guided.samples import Sample
from biprompt.training.guided.session import Session

CLICKS = (1, 3, 5)
_BATCH = 8


@torch.no_grad()
def measure(
    network: GuidedNetwork, samples: Sequence[Sample], encoding: Encoding
) -> dict[str, float]:
    """Mean IoU after clicks in the middle of the largest error.

    Returns:
        `iou1`, `iou3` and `iou5`, and `score`, their mean: higher is better.
    """
    network.eval()
    after: dict[int, list[float]] = {count: [] for count in CLICKS}
    for first in range(0, len(samples), _BATCH):
        session = Session.start(samples[first : first + _BATCH], encoding, None)
        seen = network.look(session.pixels())
        for count in range(1, max(CLICKS) + 1):
            logits = network.answer(seen, session.maps(), session.previous)
            if count in after:
                after[count] += _ious(session.masks(logits), session.targets)
            session = session.correct(logits, None)
    network.train()
    means = {f"iou{count}": float(np.mean(ious)) for count, ious in after.items()}
    return means | {"score": float(np.mean(list(means.values())))}


def _ious(guesses: NDArray[np.bool_], targets: NDArray[np.bool_]) -> list[float]:
    both = (guesses & targets).sum((1, 2))
    either = (guesses | targets).sum((1, 2))
    return (both / either).tolist()  # type: ignore[no-any-return]  # targets are not empty
