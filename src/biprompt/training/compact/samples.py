"""Training samples: a scene becomes one crop, click targets and phrases.

A sample depends on ``(seed, index)`` alone, so that a resumed run sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from biprompt.data.crops import draw_crop, take_crop
from biprompt.data.mixing import jitter_colour, paste, side_by_side
from biprompt.data.scenes import Scene
from biprompt.errors import DataError
from biprompt.training.compact.bank import SceneBank
from biprompt.training.compact.regions import connected_part
from biprompt.training.compact.said import STRIDE, PhraseWriter, covered

LEAST_PIXELS = 8 * STRIDE**2
"""Smallest target, 8 cells of 4x4 pixels; what is smaller cannot be learnt at this stride."""
WHOLE_THING = 0.9
"""Chance that a click on a thing of several parts means all of them."""
MAX_TRIES = 300
"""Scenes in a row without a mask large enough, after which the data are to blame."""

Sample = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SampleSpec:
    """What a sample holds.

    Attributes:
        size: side of the crop, pixels.
        clicks: objects to click.
        paste_rate: share of the crops with an object of another photograph.
        mosaic_rate: share of the crops put together from two photographs.
    """

    size: int = 256
    clicks: int = 2
    paste_rate: float = 0.25
    mosaic_rate: float = 0.1


class CompactSamples(Dataset[Sample]):
    """Endless samples by index.

    Args:
        bank: where scenes come from.
        writer: writes the phrases.
        spec: what a sample holds.
        seed: first half of every sample's seed; the index is the other.
    """

    def __init__(
        self, bank: SceneBank, writer: PhraseWriter, spec: SampleSpec, *, seed: int
    ) -> None:
        self.bank, self.writer, self.spec, self.seed = bank, writer, spec, seed

    def __getitem__(self, index: int) -> Sample:
        """The sample: see :func:`collate` for its arrays.

        Raises:
            DataError: no photograph seems to have a mask large enough.
        """
        rng = np.random.default_rng((self.seed, index))
        scene = self.scene(rng)
        targets = [covered(self._click_target(scene, rng)) for _ in range(self.spec.clicks)]
        # Colours are named as they are seen, so phrases come after the light has changed.
        scene = replace(scene, image=jitter_colour(scene.image, rng))
        sample = {"image": scene.image.transpose(2, 0, 1), "targets": np.stack(targets)}
        return sample | self.writer.arrays(scene, rng)

    def scene(self, rng: np.random.Generator) -> Scene:
        """A crop with at least one mask, each of :data:`LEAST_PIXELS` or more."""
        for _ in range(MAX_TRIES):
            scene = self._mixed(rng).without_small(LEAST_PIXELS)
            if len(scene.masks):
                return scene
        raise DataError(
            "training photographs",
            expected=f"masks of {LEAST_PIXELS} pixels or more in crops of {self.spec.size} pixels",
            actual=f"none in {MAX_TRIES} crops",
        )

    def _mixed(self, rng: np.random.Generator) -> Scene:
        spec = self.spec
        scene = self._cropped(rng)
        if rng.random() < spec.mosaic_rate:
            scene = side_by_side(scene, self._cropped(rng))
        if rng.random() < spec.paste_rate:
            donor = self.bank.draw_thing(rng)
            if donor is not None:
                whole, row = donor
                cut = take_crop(whole, draw_crop(whole, whole.masks[row], spec.size, rng))
                scene = paste(scene, cut, row, rng)
        return scene

    def _cropped(self, rng: np.random.Generator) -> Scene:
        scene = self.bank.draw(rng)
        focus = scene.masks[int(rng.integers(len(scene.masks)))] if len(scene.masks) else None
        return take_crop(scene, draw_crop(scene, focus, self.spec.size, rng))

    def _click_target(self, scene: Scene, rng: np.random.Generator) -> NDArray[np.bool_]:
        row = int(rng.integers(len(scene.masks)))
        mask: NDArray[np.bool_] = scene.masks[row]
        if scene.things[row] and rng.random() < WHOLE_THING:
            return mask
        return connected_part(mask, rng, LEAST_PIXELS)


def collate(samples: Sequence[Sample]) -> Sample:
    """Stacks samples.

    Returns:
        ``image`` (B, 3, S, S) uint8; ``targets`` (B, K, S/4, S/4) uint8, sixteenths covered;
        ``words`` (B, T, L, 96) float32, ``lengths``, ``said`` (0 where there is no phrase) and
        ``presence`` (B, T) float32; ``meant`` (B, T, S/4, S/4) uint8, all that a phrase names;
        ``one`` likewise, one thing among them.
    """
    return {key: np.stack([sample[key] for sample in samples]) for key in samples[0]}
