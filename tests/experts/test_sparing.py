"""What is absent is not decoded, and the answers are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from biprompt.experts.answer import answer_all
from biprompt.experts.plan import Asked
from biprompt.experts.words import PhraseReader
from biprompt.prompts import Prompt
from biprompt.results import Verdict
from biprompt.runtime.base import ImageEmbedding
from biprompt.selection import Policy

CLICK = {"points": [(20, 30)]}


def answers(
    runtime: Any, embedding: ImageEmbedding, reader: PhraseReader, *prompts: Any, **how: Any
) -> Any:
    asked = [Asked.of(Prompt.build(**values), reader, embedding.frame) for values in prompts]
    return answer_all(runtime, embedding, asked, Policy(), **how)


@pytest.mark.parametrize("presence", [-3.0, 3.0, None])
def test_the_answers_are_the_same(
    runtime: Any, embedding: ImageEmbedding, reader: PhraseReader, presence: float | None
) -> None:
    runtime.presence = presence
    prompts = [{"text": "cat"}, CLICK, CLICK | {"text": "dog"}, {"text": "dog"}]
    full = answers(runtime, embedding, reader, *prompts)
    spared = answers(runtime, embedding, reader, *prompts, outline_absent=False)
    for one, other in zip(full, spared, strict=True):
        assert one.verdict is other.verdict and one.presence == other.presence
        assert one.card.reason == other.card.reason and np.array_equal(one.mask, other.mask)


def test_only_what_can_change_an_answer_is_decoded(
    runtime: Any, embedding: ImageEmbedding, reader: PhraseReader
) -> None:
    runtime.presence = -3.0
    words = [{"text": "cat"}, {"text": "dog", "negative_text": "cat"}]
    found = answers(runtime, embedding, reader, *words, outline_absent=False)
    assert runtime.rows == [] and {answer.verdict for answer in found} == {Verdict.ABSENT}
    (candidate,) = found[0].card.candidates
    assert not candidate.mask.any() and candidate.score == 0.0

    # The click asks for the same words, so their mask is needed to judge it.
    answers(
        runtime, embedding, reader, {"text": "cat"}, CLICK | {"text": "cat"}, outline_absent=False
    )
    assert runtime.rows == [2]
    answers(runtime, embedding, reader, *words)
    assert runtime.rows == [2, 2]
