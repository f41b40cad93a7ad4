"""Answers without a model: one that always finds, one that always refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from biprompt.evaluation.baselines import Painted, whole_image
from biprompt.evaluation.model import Contender
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy

FOUND, ABSENT = "always found", "always absent"

_CARD = SelectionCard(
    (), None, None, None, None, "iou", "none", "paper", "Refused without looking."
)


class Refusing(Painted):
    """A model that says of everything that it is not there."""

    def __init__(self) -> None:
        """Take a name; nothing is ever painted."""
        super().__init__(ABSENT, whole_image)

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        """Refuse, whatever the prompt."""
        return Segmentation(np.zeros(image, bool), Verdict.ABSENT, None, _CARD, self.name)


def always() -> Sequence[Contender]:
    """Return both as contenders: N-acc 0 and T-acc 1, and the other way round."""
    return (
        Contender(FOUND, "1", Painted(FOUND, whole_image)),
        Contender(ABSENT, "1", Refusing()),
    )
