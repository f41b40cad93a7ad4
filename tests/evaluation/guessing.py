"""A model that guesses from names alone, and work that kills; worker processes import them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from biprompt.evaluation.absence import Absence, AbsenceRun
from biprompt.evaluation.absence.photographs import Photograph
from biprompt.evaluation.model import Contender
from biprompt.io.images import load_image
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy


class Guessing:
    """Presence, mask and verdict hang on the file's name and the words; a "q" is not understood."""

    def embed(self, image: Any) -> tuple[str, tuple[int, int]]:
        return Path(image).name, load_image(image).hw

    def segment(
        self, image: Any, *, prompt: Prompt | None = None, policy: Policy | None = None
    ) -> Segmentation:
        assert prompt is not None and prompt.text is not None
        (name, hw), words, policy = image, prompt.text.phrase, policy or Policy()
        known = "q" not in words
        drawn = np.random.default_rng(hashlib.sha256(f"{name} {words}".encode()).digest()[0])
        presence = float(drawn.random()) if known else None
        refused = presence is None or presence < policy.presence_threshold
        mask = np.zeros(hw, bool)
        if not refused:
            x0, y0 = drawn.integers(hw[1] // 2), drawn.integers(hw[0] // 2)
            mask[y0 : y0 + hw[0] // 2, x0 : x0 + hw[1] // 2] = True
        verdict = Verdict.ABSENT if refused else Verdict.FOUND
        card = SelectionCard((), None, None, None, None, "iou", "none", "paper", "Guessed.", known)
        return Segmentation(mask, verdict, presence, card, "guessing", phrase=words)

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Policy | None = None
    ) -> list[Segmentation]:
        return [self.segment(image, prompt=prompt, policy=policy) for prompt in prompts]


def guessing(version: str = "1") -> Contender:
    return Contender("guessing", version, Guessing())


class Alone(Absence):
    """Without baselines, which cost processes."""

    def baselines(self) -> Sequence[Contender]:
        return ()


class Dying(Alone):
    """The process that measures photograph 6 dies, as one that runs out of memory."""

    def measure(self, contender: Contender, task: Photograph) -> Iterator[AbsenceRun]:
        if task.key == "6":
            os._exit(9)
        yield from super().measure(contender, task)
