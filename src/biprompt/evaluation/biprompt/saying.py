"""Ask with words alone; words that a model cannot read mean nothing to it, and end no run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy


def say(
    contender: Contender,
    scene: Any,
    words: Mapping[str, str],
    like: Segmentation,
    policy: Policy,
) -> tuple[dict[str, Segmentation], frozenset[str]]:
    """Ask with words alone.

    Args:
        contender: who is asked.
        scene: what it made of the image.
        words: what is said, by name.
        like: another answer about the image, for its size.
        policy: the gate's rules.

    Returns:
        The answers by name, absent for words that the model cannot read, as too many of them; and
        the names of these.

    Raises:
        PromptError: the model takes no words.
    """
    found = dict(zip(words, _answers(contender, scene, list(words.values()), policy), strict=True))
    said = {
        name: _not_understood(answer, like) if isinstance(answer, str) else answer
        for name, answer in found.items()
    }
    return said, frozenset(name for name, answer in found.items() if isinstance(answer, str))


def _answers(
    contender: Contender, scene: Any, phrases: Sequence[str], policy: Policy
) -> list[Segmentation | str]:
    """An answer for every phrase, or why it cannot be read."""
    if not phrases:
        return []
    try:
        prompts = [Prompt.build(text=phrase) for phrase in phrases]
        return list(contender.model.segment_many(scene, prompts, policy=policy))
    except PromptError as error:
        if len(phrases) > 1:
            each = (_answers(contender, scene, [phrase], policy) for phrase in phrases)
            return [answer for (answer,) in each]
        if error.what != "phrase":
            raise
        return [str(error)]


def _not_understood(reason: str, like: Segmentation) -> Segmentation:
    card = SelectionCard(
        (),
        None,
        None,
        None,
        None,
        like.card.metric,
        like.card.policy,
        like.card.pool,
        reason,
        False,
    )
    return Segmentation(np.zeros_like(like.mask), Verdict.ABSENT, None, card, like.model)
