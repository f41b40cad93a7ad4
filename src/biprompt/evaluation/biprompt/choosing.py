"""Candidates of an answer, and what the gate makes of them under any rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from biprompt.data.outlines import BoolMask
from biprompt.results import Candidate, Segmentation
from biprompt.selection import Choice, Policy, select


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """What the gate chooses from.

    Attributes:
        candidates: the masks.
        text_mask: (H, W) bool, what the words outline; None where they outline nothing.
        presence: 0 to 1, or None.
        understood: whether the words meant anything, None when the model cannot tell.
        hw: (height, width) of the masks.
    """

    candidates: tuple[Candidate, ...]
    text_mask: BoolMask | None
    presence: float | None
    understood: bool | None
    hw: tuple[int, int]

    @classmethod
    def of(cls, answer: Segmentation) -> Offered:
        """Return what an answer was chosen from."""
        return cls.together(answer, answer)

    @classmethod
    def together(cls, pointed: Segmentation, said: Segmentation) -> Offered:
        """Return the candidates of a click and the mask of words: the paper's pool (eqs. 1, 2).

        Args:
            pointed: the answer to the click alone.
            said: the answer to the words alone.
        """
        card, (height, width) = said.card, pointed.mask.shape
        offered = pointed.card.candidates
        return cls(offered, card.text_mask, said.presence, card.text_understood, (height, width))

    def choose(self, policy: Policy, weights: tuple[float, float, float] | None = None) -> Choice:
        """Return what the gate makes of it (eqs. 3 to 5, or 8 where weights are given)."""
        masks = [candidate.mask for candidate in self.candidates]
        return select(
            np.stack(masks) if masks else np.zeros((0, *self.hw), np.bool_),
            [candidate.score for candidate in self.candidates],
            [candidate.source for candidate in self.candidates],
            text_mask=self.text_mask,
            presence=self.presence,
            text_understood=self.understood,
            policy=policy if weights is None else replace(policy, weights=weights),
        )

    def mask(self, winner: int | None) -> BoolMask:
        """Return the mask of a winner, an empty one for none."""
        return np.zeros(self.hw, np.bool_) if winner is None else self.candidates[winner].mask
