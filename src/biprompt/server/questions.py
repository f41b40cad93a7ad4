"""What a worker thread does: prompts of one image into answers, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Generic, TypeVar

from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.segmenter import ImageEmbedding, Segmenter
from biprompt.selection import Policy

T = TypeVar("T")
_MASK_BYTES = 512 * 2**20
"""Masks of one call, all candidates together."""
_MASKS_PER_PROMPT = 10


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[T]):
    """What one request asks of one image. Its functions are called in a worker thread.

    Attributes:
        scene: the image.
        policy: how the gate decides.
        count: how many prompts `build` gives.
        build: makes the prompts, each when it is needed: a mask to refine is large.
        pack: makes of an answer what is kept of it; the answer's masks are large.
        finish: makes the result of all that was packed.
    """

    scene: ImageEmbedding
    policy: Policy
    count: int
    build: Callable[[], Iterator[Prompt]]
    pack: Callable[[Segmentation], object]
    finish: Callable[[list[object]], T]

    def goes_with(self, other: Question[T]) -> bool:
        """Whether both can be asked in one call."""
        return self.scene.key == other.scene.key and self.policy == other.policy


@dataclass(frozen=True, slots=True, eq=False)
class Outcome(Generic[T]):
    """The result of a question, or why there is none."""

    value: T | None = None
    error: Exception | None = None


def rows_per_call(scene: ImageEmbedding, most: int) -> int:
    """How many prompts of an image the model is given at once: fewer of a large image."""
    height, width = scene.frame.original_hw
    return min(most, max(1, _MASK_BYTES // (height * width * _MASKS_PER_PROMPT)))


def answer(model: Segmenter, questions: Sequence[Question[T]], rows: int) -> list[Outcome[T]]:
    """Answer questions that go together; one that fails does so alone.

    Args:
        model: answers.
        questions: at least one; all of one image and policy.
        rows: prompts in one call.
    """
    if len(questions) > 1:
        try:
            return _together(model, questions, rows)
        except Exception:
            # One of them does not fit, or the model failed on it: each by itself tells which.
            pass
    return [_alone(model, question, rows) for question in questions]


def _alone(model: Segmenter, question: Question[T], rows: int) -> Outcome[T]:
    try:
        return _together(model, [question], rows)[0]
    except Exception as error:
        return Outcome(error=error)


def _together(model: Segmenter, questions: Sequence[Question[T]], rows: int) -> list[Outcome[T]]:
    prompts = chain.from_iterable(question.build() for question in questions)
    answers = _answers(model, questions[0], prompts, rows)
    packed = [[q.pack(one) for one in islice(answers, q.count)] for q in questions]
    return [Outcome(q.finish(some)) for q, some in zip(questions, packed, strict=True)]


def _answers(
    model: Segmenter, asked: Question[T], prompts: Iterator[Prompt], rows: int
) -> Iterator[Segmentation]:
    while some := list(islice(prompts, rows)):
        yield from model.segment_many(asked.scene, some, policy=asked.policy)
