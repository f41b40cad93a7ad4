"""EfficientSAM: ``encode_image`` once, then ``decode`` prompts."""

from __future__ import annotations

from torch import Tensor, nn

from biprompt.models.checks import check_features, check_shape
from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.efficient_sam.image_encoder import ImageEncoder
from biprompt.models.efficient_sam.mask_decoder import MaskDecoder
from biprompt.models.efficient_sam.prompt_encoder import PromptEncoder
from biprompt.models.sam.values import SamPrompts


class EfficientSam(nn.Module):
    """EfficientSAM; a `~biprompt.models.promptable.Promptable` that takes no mask prompts.

    The state dict has the names of the published checkpoints.

    Args:
        config: sizes; the defaults are those of EfficientSAM-S.
    """

    def __init__(self, config: EfficientSamConfig | None = None) -> None:
        """Make the networks with random weights."""
        super().__init__()
        self.config = config = config or EfficientSamConfig()
        self.image_size = config.image_size
        self.image_encoder = ImageEncoder(config)
        self.prompt_encoder = PromptEncoder(config)
        self.mask_decoder = MaskDecoder(config)

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images.

        Args:
            x: ``(B, 3, S, S)`` RGB, normalised, the image stretched over the whole square.

        Returns:
            ``{"image": (B, dim, S/16, S/16)}``.

        Raises:
            InputError: `x` has another shape.
        """
        check_shape("image of EfficientSAM", x, ("B", 3, self.image_size, self.image_size))
        return {"image": self.image_encoder(x)}

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            features: as `encode_image` returns them, of one image (``B`` = 1) or of the image of
                each prompt (``B`` = ``N``).
            prompts: ``N`` rows without masks; a row has at most `config.max_points` points, of
                which a box takes two.

        Returns:
            mask logits ``(N, 4, S/4, S/4)`` and predicted IoU ``(N, 4)``, of which the head's range
            is not bounded. Mask 0 answers an unambiguous prompt, 1 to 3 are the readings of an
            ambiguous one.

        Raises:
            InputError: the features are of another number of images or of another size, or a prompt
                is of another kind, has too many points or a wrong shape.
        """
        side = self.config.grid
        expected = (self.config.dim, side, side)
        check_features("embedding of EfficientSAM", features["image"], len(prompts), expected)
        sparse = self.prompt_encoder(prompts)
        grid = self.prompt_encoder.grid()
        logits, iou = self.mask_decoder(features["image"], grid, sparse)
        return logits, iou
