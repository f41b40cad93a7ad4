"""What words that are not meant take out of every candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.pair import Proposal
from biprompt.experts.plan import Plan
from biprompt.geometry import ModelFrame, masks_in_frame
from biprompt.masks import components
from biprompt.presence import presence_probability
from biprompt.prompts import Prompt
from biprompt.runtime.base import Grounding, Phrase
from biprompt.selection import Policy

Bool = NDArray[np.bool_]
LEAD = 0.2
"""How much surer unwanted words have to be of a pixel. Chosen on held-out training photographs."""


@dataclass(frozen=True, slots=True, eq=False)
class Unwanted:
    """A thing that is not meant.

    Attributes:
        phrase: its words.
        mask: ``(H, W)`` bool, what they take out; None where that is nothing.
        shared: whether that is less than they outline, see `contested`.
        why: why they take out nothing.
    """

    phrase: Phrase
    mask: Bool | None
    shared: bool = False
    why: str = "is not here"

    @property
    def note(self) -> str:
        """What became of the phrase, in a sentence."""
        if not self.phrase.understood:
            return f" “{self.phrase.text}” is not known to the model, so nothing was taken out."
        if self.mask is None:
            return f" “{self.phrase.text}” {self.why}, so nothing was taken out."
        more = " more surely than what is meant" if self.shared else ""
        return f" What “{self.phrase.text}” outlines{more} was taken out."


def unwanted_of(
    plan: Plan, found: Sequence[Sequence[Proposal]], grounding: Grounding | None, policy: Policy
) -> tuple[Unwanted, ...]:
    """What each negative phrase of a prompt takes out.

    Nothing, where its presence is below the threshold, or where an adding click lies on it:
    pointing is the surer evidence. Beside words for what is meant, see `contested`.

    Args:
        plan: of the prompt.
        found: proposals of every row.
        grounding: of all phrases.
        policy: says from which presence a phrase counts.
    """
    wanted = None if plan.text is None else found[plan.text][0]
    taken = []
    for phrase, each in zip(plan.asked.negatives, plan.negatives, strict=True):
        there = None if each is None else presence_of(grounding, each[1])
        if each is None or (there is not None and there < policy.presence_threshold):
            taken.append(Unwanted(phrase, None))
            continue
        mask, shared = found[each[0]][0].mask, wanted is not None and each[0] != plan.text
        if wanted is not None and shared:
            mask = contested(wanted, found[each[0]][0], plan.asked.frame)
        why = _spared(plan.asked.prompt, mask, wanted)
        taken.append(Unwanted(phrase, None if why else mask, shared, why))
    return tuple(taken)


def _spared(prompt: Prompt, mask: Bool, wanted: Proposal | None) -> str:
    """Why what a phrase outlines is left alone; empty where it is taken out."""
    if _hits(prompt, mask):
        return "was clicked"
    if not mask.any() or (wanted is not None and not (mask & wanted.mask).any()):
        return "takes nothing from what is meant"
    return ""


def contested(wanted: Proposal, unwanted: Proposal, frame: ModelFrame) -> Bool:
    """What an unwanted thing takes from a wanted one, ``(H, W)`` bool.

    Where the unwanted outline covers some of several separate parts and leaves others alone, it
    tells them apart, and the covered ones go: "the cups, not the red one". Where the two outlines
    share ground, a pixel goes to the words that claim it the more surely, to the unwanted ones only
    by `LEAD`: "the nose, not the skin" keeps the nose.
    """
    whole = _told_apart(wanted.mask, unwanted.mask)
    if wanted.soft is None or unwanted.soft is None:
        shared = wanted.mask & unwanted.mask
        if shared.sum() > 0.5 * wanted.mask.sum():
            return whole
        return whole | unwanted.mask
    lead = masks_in_frame((unwanted.soft - wanted.soft - LEAD)[None], frame)[0]
    return np.asarray(whole | (unwanted.mask & lead))


def _told_apart(wanted: Bool, unwanted: Bool) -> Bool:
    """The parts of the wanted mask that are mostly covered, where others are hardly."""
    labels, count = components(wanted)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    covered = np.bincount(labels[unwanted], minlength=count + 1) / np.maximum(sizes, 1)
    large = sizes > 0.05 * max(1, sizes[1:].sum())
    covered[0], large[0] = 0.0, False
    if not (large & (covered < 0.2)).any():
        return np.zeros_like(wanted)
    return np.asarray((covered > 0.5)[labels])


def union(unwanted: Sequence[Unwanted]) -> Bool | None:
    """All that is taken out, ``(H, W)`` bool; None where that is nothing."""
    masks = [one.mask for one in unwanted if one.mask is not None]
    return np.logical_or.reduce(masks) if masks else None


def without(proposals: Sequence[Proposal], unwanted: Bool | None) -> list[Proposal]:
    """The proposals less what negative phrases take out."""
    if unwanted is None:
        return list(proposals)
    return [replace(p, mask=p.mask & ~unwanted, soft=None) for p in proposals]


def presence_of(grounding: Grounding | None, phrase: int | None) -> float | None:
    """Presence of a phrase, 0 to 1, by its index; None without words or where none is given."""
    if grounding is None or grounding.presence is None or phrase is None:
        return None
    return presence_probability(float(grounding.presence[phrase]))


def _hits(prompt: Prompt, mask: Bool) -> bool:
    """Whether an adding click lies on the mask."""
    if prompt.points is None:
        return False
    x, y = prompt.points.xy[prompt.points.labels == 1].astype(np.intp).T
    return bool(mask[y, x].any())
