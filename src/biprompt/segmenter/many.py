"""Hundreds of prompts of one image in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from biprompt.experts.answer import answer_all
from biprompt.experts.plan import Asked
from biprompt.results import Segmentation
from biprompt.results.held import held_packed
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.selection import Policy

HELD_BYTES: Final = 256 * 2**20
"""Masks that are held as they are; where there are more, all are packed."""
MASKS_OF_ONE: Final = 8
"""Masks that one prompt holds while it is answered: candidates, words, and the gate's."""


def answer_many(
    runtime: Runtime, embedding: ImageEmbedding, asked: Sequence[Asked], policy: Policy, *,
    outline_absent: bool = True,
) -> list[Segmentation]:  # fmt: skip
    """Answer prompts as `answer_all`; where their masks are too many, some at a time.

    The masks of answers that were made so are held packed (see `biprompt.results.held`): the same
    values, made anew at each access.

    Args:
        runtime: the model that looked at the image.
        embedding: the image.
        asked: the prompts.
        policy: how the gate decides.
        outline_absent: as in `answer_all`.
    """
    height, width = embedding.frame.original_hw
    at_once = max(1, HELD_BYTES // (MASKS_OF_ONE * height * width))
    if len(asked) <= at_once:
        return answer_all(runtime, embedding, asked, policy, outline_absent=outline_absent)
    return [
        held_packed(answer)
        for start in range(0, len(asked), at_once)
        for answer in answer_all(
            runtime, embedding, asked[start : start + at_once], policy,
            outline_absent=outline_absent,
        )
    ]  # fmt: skip
