"""One photograph, and how it is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

pytest.importorskip("torch", reason="the models of transformers need torch")
pytest.importorskip("transformers", reason="the adapters are for its models")

from biprompt.geometry import ModelFrame
from biprompt.runtime.base import ImageEmbedding, Phrase
from biprompt.runtime.torch import Place

PHOTO = Path(__file__).parents[4] / "examples" / "chelsea.jpg"


@pytest.fixture(scope="session")
def place() -> Place:
    return Place.of("cpu")


@pytest.fixture(scope="session")
def photo() -> NDArray[np.uint8]:
    """A photograph of 150 x 226 pixels; neither side is a multiple of a patch."""
    with Image.open(PHOTO) as image:
        return np.asarray(image.convert("RGB").resize((226, 150)))


def seen(model: Any, image: NDArray[np.uint8]) -> ImageEmbedding:
    """An image as a runtime or a detector embeds it."""
    hw = (image.shape[0], image.shape[1])
    frame = model.frame(hw) if hasattr(model, "frame") else ModelFrame(hw, hw)
    return ImageEmbedding(model.encode([image])[0], frame, "key", "tiny", "1", image)


def said(text: str, *ids: int) -> Phrase:
    return Phrase(text, np.array(ids, np.int64))
