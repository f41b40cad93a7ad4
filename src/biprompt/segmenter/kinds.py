"""Which kinds of prompt a model takes, and what is said where it does not."""

from __future__ import annotations

from biprompt.errors import PromptError
from biprompt.prompts import MaskPrompt, Prompt
from biprompt.results import Segmentation
from biprompt.runtime.base import RuntimeFacts

_REFUSED = {"examples": "an example image", "text": "words", "points": "something pointed at"}


def earlier(answer: Segmentation) -> MaskPrompt | None:
    """An answer as a mask to refine; an honest no is nothing to start from."""
    return MaskPrompt(answer.mask, answer.soft) if answer.mask.any() else None


def check_kinds(prompt: Prompt, facts: RuntimeFacts) -> None:
    """Check that a model takes every kind of prompt that is given.

    Raises:
        PromptError: it does not; the line names the kind, and those that it takes.
    """
    asked = {
        "examples": bool(prompt.examples) and not (facts.points or facts.examples),
        "text": not facts.words and (prompt.text or prompt.negative_text) is not None,
        "points": not facts.points and prompt.has_spatial,
    }
    for kind, is_refused in asked.items():
        if is_refused:
            expected = f"prompts that {facts.model} takes ({_taken(facts)})"
            raise PromptError(kind, expected=expected, actual=_REFUSED[kind])


def _taken(facts: RuntimeFacts) -> str:
    kinds = ("points, box, scribbles, polygon, mask",) if facts.points else ()
    kinds = (*kinds, "text") if facts.words else kinds
    return ", ".join((*kinds, "examples") if facts.points or facts.examples else kinds)
