"""Ask a model about one window of a raster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.io.decode import pixel_limit
from biprompt.io.raster import Raster
from biprompt.io.raster.base import longest
from biprompt.masks import Window
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.tiles.soft import logits_of
from biprompt.selection import Policy

SEEN_SIDE = 2048
"""Longest side of what a model is shown: no family looks at more, so a larger window is shrunk
while it is read."""


class Model(Protocol):
    """What is asked: a `biprompt.Segmenter`."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def policy(self) -> Policy: ...  # noqa: D102
    def embed(self, image: NDArray[np.uint8]) -> ImageEmbedding: ...  # noqa: D102
    def segment_many(  # noqa: D102
        self, image: ImageEmbedding, prompts: list[Prompt], *, policy: Policy,
        outline_absent: bool = True,
    ) -> list[Segmentation]: ...  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """The answer for one window.

    Attributes:
        window: in pixels of the raster.
        answer: in pixels of the window as it was shown, which may be shrunk.
        frame: how the model saw it.
    """

    window: Window
    answer: Segmentation
    frame: ModelFrame

    @property
    def shown_hw(self) -> tuple[int, int]:
        """Height and width of the window as it was shown."""
        return self.frame.original_hw

    def logits(self, hw: tuple[int, int] | None = None) -> NDArray[np.float32]:
        """Return logits `(h, w)` of the mask at the size of the window, or another."""
        return logits_of(self.answer, replace(self.frame, original_hw=hw or self.window.hw))


def ask_window(
    model: Model, raster: Raster, window: Window, prompt: Prompt, policy: Policy
) -> Seen:  # fmt: skip
    """Look at a window and ask.

    Args:
        model: what is asked.
        raster: the image.
        window: of it.
        prompt: in pixels of the window as it is shown, see `SEEN_SIDE`.
        policy: how the gate decides.

    Raises:
        PromptError: the prompt does not fit.
        ImageError: the window cannot be read.
    """
    return ask_pixels(model, shown(raster, window), window, prompt, policy)


def shown(raster: Raster, window: Window) -> NDArray[np.uint8]:
    """Return a window as a model is shown it, `(h, w, 3)` uint8 RGB."""
    return raster.read(window, shown_hw(window))


def shown_hw(window: Window) -> tuple[int, int]:
    """Return height and width at which a model is shown a window, within the pixel limit."""
    return longest(window.hw, min(SEEN_SIDE, isqrt(pixel_limit())))


def ask_pixels(
    model: Model, pixels: NDArray[np.uint8], window: Window, prompt: Prompt, policy: Policy, *,
    outline_absent: bool = True,
) -> Seen:  # fmt: skip
    """Ask about a window that was read; `outline_absent` as in `Segmenter.segment_many`."""
    scene = model.embed(pixels)
    (answer,) = model.segment_many(scene, [prompt], policy=policy, outline_absent=outline_absent)
    return Seen(window, answer, scene.frame)
