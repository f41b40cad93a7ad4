"""Ask a model what the words mean, whether it would refuse, and where it is surest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from biprompt.data.clicks import next_click
from biprompt.data.phrases import SEMANTIC
from biprompt.errors import PromptError
from biprompt.evaluation.model import Contender
from biprompt.evaluation.referring.questions import Question, Reading
from biprompt.geometry import ModelFrame
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.runtime.base import Float, ImageEmbedding

Answer = Segmentation | str
"""What a model says, or why it could not be asked."""


def template(reading: Reading, contender: Contender) -> str:
    """Return what is said to a contender, "{}" where the words go.

    All of a class is asked as `[semantic] class` where the model knows that prefix (EVF-SAM,
    section 3.3), else by the class alone.
    """
    return SEMANTIC if reading is Reading.CLASSES and contender.semantic else "{}"


def wording(question: Question, pattern: str) -> str:
    """Return the words of a question as EVF-SAM's evaluation says them: in lower case."""
    return pattern.format(question.sentence.strip().lower())


def ask(
    contender: Contender, scene: Any, phrases: Sequence[str], *, refusing: bool
) -> list[Answer]:
    """Ask about one image.

    A phrase that no model or not this one can read is answered by the reason, so that one of them
    does not end the run.

    Args:
        contender: who is asked.
        scene: the image, as its model sees it.
        phrases: what is asked.
        refusing: whether the model may say that a thing is not there.

    Raises:
        PromptError: the model reads no words.
    """
    policy = contender.policy if refusing else replace(contender.policy, presence_threshold=0.0)
    try:
        prompts = [Prompt.build(text=phrase) for phrase in phrases]
        return list(contender.model.segment_many(scene, prompts, policy=policy))
    except PromptError as error:
        if len(phrases) > 1:
            each = (ask(contender, scene, [one], refusing=refusing) for one in phrases)
            return [answer for (answer,) in each]
        if error.what != "phrase":
            raise
        return [str(error)]


def is_refused(answer: Segmentation, contender: Contender) -> bool:
    """Say whether a contender that may refuse would refuse what it answered here.

    As the gate decides for words alone: the mask is empty, or the presence is below the threshold.
    """
    threshold = contender.policy.presence_threshold
    unlikely = answer.presence is not None and answer.presence < threshold
    return unlikely or not answer.mask.any()


def surest_pixel(answer: Segmentation, scene: Any) -> tuple[int, int] | None:
    """Return (row, column) where a model points, None where it answers nothing.

    That is the middle of the surest cell of its own map of confidence (survey, eq. 21). A model
    that gives none points at the pixel of its mask that lies deepest.
    """
    if answer.soft is not None and isinstance(scene, ImageEmbedding):
        return _surest_cell(answer.soft, scene.frame)
    middle = next_click(answer.mask, np.zeros_like(answer.mask))
    return None if middle is None else (int(middle.y), int(middle.x))


def _surest_cell(confidence: Float, frame: ModelFrame) -> tuple[int, int]:
    """The original pixel under the middle of the surest cell; the first one among equals."""
    cells, canvas = np.array(confidence.shape), np.array(frame.canvas_hw)
    inside = np.ceil(np.array(frame.model_hw) * cells / canvas).astype(int)  # the rest is padding
    seen = confidence[: inside[0], : inside[1]]
    cell = np.array(np.unravel_index(int(np.argmax(seen)), seen.shape))
    middle = (cell + 0.5) * canvas / cells / np.array(frame.model_hw)
    size = np.array(frame.original_hw)
    row, column = np.minimum((middle * size).astype(int), size - 1)
    return int(row), int(column)
