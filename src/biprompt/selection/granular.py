"""A part, the thing or the whole, where the person who asks says which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from biprompt.results import Granularity, ladder, level
from biprompt.selection.choice import Candidates, Choice

_MEANT = {"part": "the smallest", "object": "the middle", "whole": "the largest"}


def at_level(choice: Choice, pool: Candidates, granularity: Granularity | None) -> Choice:
    """Let the asked granularity decide between the point expert's candidates.

    The verdict stays the gate's: what is absent at one level is absent at all of them. Words alone
    outline one mask, so there is nothing to step through.

    Args:
        choice: what the gate decided.
        pool: its candidates.
        granularity: None leaves the choice as it is.

    Returns:
        The choice, with the margin None where the granularity decided.
    """
    if granularity is None or choice.winner is None or pool.text_only:
        return choice
    own = np.flatnonzero(pool.own)
    scores = [float(pool.scores[place]) for place in own]
    rungs = ladder(pool.masks[own], scores)
    winner = int(own[level(rungs, scores, granularity)])
    levels = f"{_MEANT[granularity]} of {len(rungs)} levels" if len(rungs) > 1 else "the only level"
    reason = f"{pool.name(winner)} is {levels}, as the {granularity} was asked for."
    if winner != choice.winner:
        reason += f" Without that: {choice.reason}"
    return replace(choice, winner=winner, margin=None, reason=reason, mask=pool.masks[winner])
