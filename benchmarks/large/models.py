"""Models with random weights at published sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from benchmarks.photograph import SOURCE
from biprompt.models.beit3 import Beit3Config
from biprompt.models.evf import EvfConfig, EvfSam
from biprompt.models.sam import Sam, SamConfig
from biprompt.runtime.base import Phrase
from biprompt.runtime.torch import Place, PointExpert, Sight, TextExpert, TorchRuntime
from biprompt.segmenter import Segmenter


@dataclass(frozen=True, slots=True)
class Size:
    """Sizes of a pair.

    Attributes:
        sam: of the network that is pointed with, and of EVF-SAM's own.
        beit3: of the network that reads words.
        told: the sizes in words.
    """

    sam: Callable[[], SamConfig]
    beit3: Callable[[], Beit3Config]
    told: str


SIZES: Mapping[str, Size] = {
    "mobile": Size(SamConfig.mobile, Beit3Config.base, "MobileSAM + BEiT-3 base"),
    "b": Size(SamConfig.vit_b, Beit3Config.base, "SAM ViT-B + BEiT-3 base"),
    "l": Size(SamConfig.vit_l, Beit3Config.large, "SAM ViT-L + BEiT-3 large"),
    "h": Size(SamConfig.vit_h, Beit3Config.large, "SAM ViT-H + BEiT-3 large"),
}


class Ids:
    """Reads any phrase as eight tokens, a usual length, that depend on its characters."""

    def read(self, text: str) -> Phrase:
        """Token ids between the marks of beginning and end."""
        codes = [3 + ord(character) % 60_000 for character in text.ljust(6)[:6]]
        return Phrase(text, np.array([0, *codes, 2], np.int64))


def pair(size: str, place: Place, *, shared: bool) -> Segmenter:
    """A point expert and a text expert.

    Args:
        size: a name of :data:`SIZES`.
        place: device and precision.
        shared: whether both look with one encoder, or each with its own.
    """
    torch.manual_seed(0)
    sizes = SIZES[size]
    points = Sam(sizes.sam())
    visual = Sam(sizes.sam())
    if shared:
        visual.image_encoder = points.image_encoder
    words = EvfSam(visual, EvfConfig(sizes.beit3()))
    sight = Sight("image", points)
    other = sight if shared else Sight("words", visual)
    runtime = TorchRuntime(
        size, "random weights", place, points=PointExpert(sight, points),
        words=TextExpert(other, words),
    )  # fmt: skip
    return Segmenter(runtime, Ids())


def photograph(seed: int = 0) -> NDArray[np.uint8]:
    """A photograph of 640 x 480, a little different for every seed."""
    with Image.open(SOURCE) as image:
        pixels = np.array(image.convert("RGB").resize((640, 480)))
    return np.roll(pixels, seed, axis=1)
