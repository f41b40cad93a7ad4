"""The two experts of BiPrompt-SAM, each with its way of seeing an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from biprompt.geometry import ModelFrame
from biprompt.models.evf import EvfSam
from biprompt.models.preprocess import SamPixels, SamResize, SamView
from biprompt.models.promptable import Promptable


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """An image encoder and how images reach it.

    Attributes:
        name: prefix of its feature maps; experts that see alike share it.
        model: whose encoder looks.
        resize: how an image is brought to the encoder's size.
        pixels: how its numbers are scaled.
        input_size: side of the square that the encoder takes, where that is another than the side
            of the model frame; the image must cover all of it then.
    """

    name: str
    model: Promptable
    resize: SamResize = SamResize.LONGEST
    pixels: SamPixels = SamPixels.IMAGENET
    input_size: int | None = None

    @property
    def view(self) -> SamView:
        """Resize and numbers in one value, without the model."""
        return SamView(self.model.image_size, self.resize, self.pixels)

    def frame(self, hw: tuple[int, int]) -> ModelFrame:
        """How it sees an image of this height and width."""
        return self.view.frame(hw)

    def canvas(self, image: NDArray[np.uint8]) -> Tensor:
        """An image ``(H, W, 3)`` uint8 as the encoder takes it: ``(3, S, S)`` float32."""
        view = self.view if self.input_size is None else replace(self.view, side=self.input_size)
        return view.canvas(image)


@dataclass(frozen=True, slots=True, eq=False)
class PointExpert:
    """Candidates for what is pointed at (BiPrompt-SAM, eq. 1).

    Attributes:
        sight: what its decoder works on.
        model: whose decoder answers.
        masks: whether it can start from a mask; EfficientSAM has no weights for that.
        most_points: points of one prompt at most, of which a box takes two; None for any number.
    """

    sight: Sight
    model: Promptable
    masks: bool = True
    most_points: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TextExpert:
    """One mask for what is named (BiPrompt-SAM, eq. 2): BEiT-3, projector, decoder.

    Attributes:
        sight: what its decoder works on.
        model: of EVF-SAM.
        best_of_three: whether the answer is the best of the three readings, by predicted IoU, as
            the newer SAM 2 checkpoints were published, or the first mask.
        semantic: whether it knows the phrase prefix "[semantic] ".
    """

    sight: Sight
    model: EvfSam
    best_of_three: bool = False
    semantic: bool = False
