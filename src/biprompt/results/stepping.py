"""From an answer to the next larger or smaller one of its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from biprompt.errors import InputError
from biprompt.masks import iou_matrix
from biprompt.results.card import Verdict

if TYPE_CHECKING:
    from biprompt.results.segmentation import Segmentation


def stepped(answer: Segmentation, by: int) -> Segmentation:
    """Return an answer with another candidate of its card, so many steps larger.

    Args:
        answer: what the gate chose, or an earlier step.
        by: steps up, or down where below zero.

    Returns:
        The answer of that candidate: found, as a person chose it. The answer itself where there is
        no other step in that direction, and where it is absent.

    Raises:
        InputError: `by` is no whole number.
    """
    if isinstance(by, bool) or not isinstance(by, int):
        raise InputError("step", expected="a whole number", actual=repr(by))
    rungs = answer.card.rungs
    if not rungs or answer.card.winner is None:
        return answer
    here = _rung_of(answer, rungs)
    there = min(max(here + by, 0), len(rungs) - 1)
    return answer if there == here else _taken(answer, rungs, there)


def _rung_of(answer: Segmentation, rungs: Sequence[int]) -> int:
    """The step on which an answer stands: its own, or the one it is most alike."""
    masks = np.stack([answer.card.candidates[place].mask for place in rungs])
    return int(iou_matrix(answer.mask[None], masks)[0].argmax())


def _taken(answer: Segmentation, rungs: Sequence[int], there: int) -> Segmentation:
    winner = rungs[there]
    candidate = answer.card.candidates[winner]
    card = replace(
        answer.card, winner=winner, similarity=candidate.similarity, margin=None,
        reason=f"Step {there + 1} of {len(rungs)} from small to large, chosen by hand: "
        f"candidate {winner + 1}.",
    )  # fmt: skip
    return replace(answer, mask=candidate.mask, card=card, verdict=Verdict.FOUND, soft=None)
