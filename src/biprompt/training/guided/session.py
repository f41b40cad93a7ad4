"""The simulated user: a first click in each object, then clicks on what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from biprompt.data.clicks import Click, next_click, random_click, training_click
from biprompt.guidance import Encoding, GuidedImage, guidance_maps
from biprompt.training.guided.samples import Sample

STRIDE = 4
"""Model pixels of a cell of the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What has been clicked of ``B`` objects; `correct` gives a new session with one click more.

    Attributes:
        encoding: how clicks become maps.
        images: the photographs, (S, S).
        targets: (B, S, S) bool, none empty.
        adding: (B, S, S) bool, seeds of the positive clicks.
        removing: (B, S, S) bool, of the negative ones.
        previous: (B, 1, S/4, S/4), the mask so far, zeros at first.
    """

    encoding: Encoding
    images: tuple[GuidedImage, ...]
    targets: NDArray[np.bool_]
    adding: NDArray[np.bool_]
    removing: NDArray[np.bool_]
    previous: Tensor

    @classmethod
    def start(
        cls, samples: Sequence[Sample], encoding: Encoding, rng: np.random.Generator | None
    ) -> Session:
        """One positive click in each object: by chance, or in its middle where there is none."""
        targets = np.stack([sample.target for sample in samples])
        none = np.zeros_like(targets)
        cells = (len(targets), 1, targets.shape[1] // STRIDE, targets.shape[2] // STRIDE)
        images = tuple(GuidedImage(sample.image) for sample in samples)
        empty = cls(encoding, images, targets, none, none, torch.zeros(cells))
        clicks = [
            next_click(target, np.zeros_like(target)) if rng is None else random_click(target, rng)
            for target in targets
        ]
        return empty._clicked(clicks)

    def pixels(self) -> Tensor:
        """The photographs as the network takes them, ``(B, 3, S, S)`` in [-1, 1]."""
        stacked = np.stack([image.pixels for image in self.images])
        pixels = torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        return pixels.contiguous(memory_format=torch.channels_last)

    def maps(self) -> Tensor:
        """The guidance, ``(B, C, S, S)``."""
        each = zip(self.images, self.adding, self.removing, strict=True)
        return torch.from_numpy(
            np.stack([guidance_maps(self.encoding, image, add, drop) for image, add, drop in each])
        )

    def covered(self) -> Tensor:
        """The targets as the answer's cells are covered, ``(B, S/4, S/4)`` in [0, 1]."""
        return F.avg_pool2d(torch.from_numpy(self.targets).float()[:, None], STRIDE)[:, 0]

    def correct(self, logits: Tensor, rng: np.random.Generator | None) -> Session:
        """One click more on the larger error of an answer, which becomes the mask so far.

        An object without an error gets no click.

        Args:
            logits: ``(B, 1, S/4, S/4)``.
            rng: source of chance; None clicks in the middle of the error, as in evaluations.
        """
        guesses = self.masks(logits)
        clicks = [
            next_click(target, guess) if rng is None else training_click(target, guess, rng)
            for target, guess in zip(self.targets, guesses, strict=True)
        ]
        return replace(self._clicked(clicks), previous=torch.sigmoid(logits))

    def masks(self, logits: Tensor) -> NDArray[np.bool_]:
        """Answers at the size of the crops, (B, S, S) bool."""
        hw = (self.targets.shape[1], self.targets.shape[2])
        large = F.interpolate(logits, hw, mode="bilinear", align_corners=False)
        return np.asarray((large[:, 0] > 0).numpy(), np.bool_)

    def _clicked(self, clicks: Sequence[Click | None]) -> Session:
        adding, removing = self.adding.copy(), self.removing.copy()
        for row, click in enumerate(clicks):
            if click is not None:
                seeds = adding if click.label else removing
                seeds[row, int(click.y), int(click.x)] = True
        return replace(self, adding=adding, removing=removing)
