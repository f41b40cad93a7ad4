"""A runtime that sees colours, and pictures of coloured squares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.experts.conftest import HW, FakeRuntime

from biprompt.experts.examples.seen import Seen
from biprompt.experts.plan import Asked
from biprompt.geometry import ModelFrame
from biprompt.prompts import Example, Prompt
from biprompt.runtime.base import Float, ImageEmbedding

PLACE = 4
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 255, 0)}


class ColourRuntime(FakeRuntime):
    """Two places of 4 x 4 pixels are as alike as their colours, with grey as the origin."""

    def dense(self, image: ImageEmbedding) -> Float:
        h, w = image.pixels.shape[:2]
        blocks = image.pixels.reshape(h // PLACE, PLACE, w // PLACE, PLACE, 3).mean((1, 3))
        centred = (blocks - 100.0) / 155.0
        grey = np.full((*blocks.shape[:2], 1), 0.3)
        return np.concatenate((centred, grey), 2).transpose(2, 0, 1).astype(np.float32)


PLAIN = {
    "iou": {
        "bias": -0.4,
        "weights": {
            "ahead": 0.3, "matched": 0.2, "overlap": 0.6, "predicted": 0.0, "agreed": 0.1,
            "resized": -0.1,
        },
    },
    "presence": {"any": {"slope": 10.0, "threshold": 0.5}},
}  # fmt: skip


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of our own instead of the fitted ones, so that another fit changes no test."""
    monkeypatch.setattr("biprompt.experts.examples.judging.calibration", lambda: PLAIN)


@pytest.fixture
def colours() -> ColourRuntime:
    return ColourRuntime()


def picture(**squares: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A grey picture with squares: ``red=(x, y, side)`` in pixels."""
    pixels = np.full((*HW, 3), 100, np.uint8)
    for colour, (x, y, side) in squares.items():
        pixels[y : y + side, x : x + side] = COLOURS[colour]
    return pixels


def square(x: int, y: int, side: int) -> NDArray[np.bool_]:
    mask = np.zeros(HW, np.bool_)
    mask[y : y + side, x : x + side] = True
    return mask


def look(pixels: NDArray[np.uint8]) -> ImageEmbedding:
    hw = (pixels.shape[0], pixels.shape[1])
    return ImageEmbedding({}, ModelFrame(hw, hw), "key", "fake", "1", pixels)


def seen(label: int = 1, **squares: tuple[int, int, int]) -> Seen:
    """An example of the first square."""
    pixels = picture(**squares)
    return Seen(Example(pixels, square(*next(iter(squares.values()))), label), look(pixels))


def asked(reader: Any, *examples: Seen, **values: Any) -> Asked:
    """A prompt with examples, as the segmenter makes it."""
    prompt = Prompt.build(examples=[one.example for one in examples], **values)
    return replace(Asked.of(prompt, reader, ModelFrame(HW, HW)), seen=examples)
