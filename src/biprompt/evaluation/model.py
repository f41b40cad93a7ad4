"""What a protocol needs of a model: far less than `Segmenter`, so that anything can be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from biprompt.data.coco import BoolMask, CocoImage
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
    """

    name: str
    digest: str
    model: PromptModel
    policy: Policy = field(default_factory=Policy)


def load_contender(name: str) -> Contender:
    """Load a model of `biprompt models`, or a folder that `biprompt train` exported.

    Raises:
        WeightsError: there is no such model, or a file of it is damaged.
    """
    from biprompt.segmenter import load
    from biprompt.zoo.registry import find_model

    segmenter = load(name)
    manifest = (find_model(name).folder / "model.json").read_bytes()
    return Contender(
        name=segmenter.name,
        digest=hashlib.sha256(manifest).hexdigest()[:16],  # it lists the sha256 of every graph
        model=segmenter,
        policy=segmenter.policy,
    )


def check_answer(answer: Segmentation, truth: BoolMask, image: CocoImage) -> Segmentation:
    """Return the answer if it lies in the frame of the truth.

    Raises:
        DataError: the image file has another size than its annotations.
    """
    if answer.mask.shape != truth.shape:
        raise DataError(
            "image size",
            expected=f"{truth.shape[0]} x {truth.shape[1]}, the size of its masks",
            actual=f"{answer.mask.shape[0]} x {answer.mask.shape[1]}",
            path=image.path,
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
