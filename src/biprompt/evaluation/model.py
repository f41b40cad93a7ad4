"""What a protocol needs of a model: far less than `Segmenter`, so that anything can be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from biprompt.data.outlines import BoolMask
from biprompt.errors import DataError
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.selection import Policy


class PromptModel(Protocol):
    """A model that looks once and answers prompts; `Segmenter` is one."""

    def embed(self, image: Any) -> Any:
        """Look at an image file; what comes back is only handed to the methods below."""
        ...

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        """Answer one prompt about an embedded image."""
        ...

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> Sequence[Segmentation]:
        """Answer many prompts about one embedded image, in their order."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """A model under its name.

    Attributes:
        name: how reports call it.
        digest: changes whenever its weights do; part of what resuming relies on.
        model: answers prompts.
        policy: the gate's rules; protocols change the pool and the weights and nothing else.
        semantic: whether it knows the phrase prefix "[semantic] ".
    """

    name: str
    digest: str
    model: PromptModel
    policy: Policy = field(default_factory=Policy)
    semantic: bool = False


def load_contender(
    name: str,
    text_model: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
) -> Contender:
    """Load whatever `biprompt.load` does; arguments and errors are the same."""
    from biprompt.segmenter import load

    segmenter = load(name, text_model=text_model, device=device, dtype=dtype)
    facts = segmenter.runtime.facts  # the version changes with the weights
    policy, semantic = segmenter.policy, facts.semantic
    return Contender(segmenter.name, facts.version, segmenter, policy, semantic)


def check_answer(answer: Segmentation, truth: BoolMask, path: Path) -> Segmentation:
    """Return the answer if it lies in the frame of the truth.

    Args:
        answer: of a model.
        truth: (H, W) bool.
        path: the image file, for the message.

    Raises:
        DataError: the image file has another size than its annotations.
    """
    if answer.mask.shape != truth.shape:
        raise DataError(
            "image size",
            expected=f"{truth.shape[0]} x {truth.shape[1]}, the size of its masks",
            actual=f"{answer.mask.shape[0]} x {answer.mask.shape[1]}",
            path=path,
        )
    return answer


def click_prompt(
    points: Sequence[tuple[float, float]],
    labels: Sequence[int],
    *,
    text: str | None = None,
    previous: BoolMask | None = None,
) -> Prompt:
    """Build the prompt of some clicks, the words and the answer before; an empty one is none."""
    mask = previous if previous is not None and previous.any() else None
    return Prompt.build(points=list(points), labels=list(labels), text=text, mask=mask)
