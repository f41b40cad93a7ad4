"""What the promptable networks have in common: look at an image once, then answer prompts."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from biprompt.models.sam.values import SamPrompts


class Promptable(Protocol):
    """A segmentation network in the manner of SAM (Sam, EfficientSam and Sam2 are such).

    ``S`` is `image_size`; the model frame is the square of ``S`` x ``S`` pixels.
    """

    image_size: int

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images.

        Args:
            x: ``(B, 3, S, S)`` RGB, normalised as the network was trained.

        Returns:
            feature maps by name: ``image`` ``(B, C, S/16, S/16)``, and with Sam2 also ``s0``
            and ``s1``, of four times and twice that side.
        """
        ...

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            features: as `encode_image` returns them, of one image (``B`` = 1) or of the image of
                each prompt (``B`` = ``N``).
            prompts: ``N`` rows.

        Returns:
            mask logits ``(N, 4, S/4, S/4)`` and predicted IoU ``(N, 4)``, as the network gives
            it. Mask 0 answers an unambiguous prompt; 1 to 3 are the readings of an ambiguous
            one, in the order of their tokens.
        """
        ...
