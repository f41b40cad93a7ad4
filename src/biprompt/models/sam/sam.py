"""Segment Anything: ``encode_image`` once, then ``decode`` prompts."""

from __future__ import annotations

from torch import Tensor, nn

from biprompt.models.checks import check_features, check_shape
from biprompt.models.sam.config import SamConfig, VitConfig
from biprompt.models.sam.image_encoder import ImageEncoder
from biprompt.models.sam.mask_decoder import MaskDecoder
from biprompt.models.sam.prompt_encoder import PromptEncoder
from biprompt.models.sam.tiny_vit import TinyVit
from biprompt.models.sam.values import SamPrompts


class Sam(nn.Module):
    """SAM or MobileSAM; a `~biprompt.models.promptable.Promptable`.

    The state dict has the names of the published checkpoints. The predicted IoU is as the head
    gives it, without a sigmoid.

    Args:
        config: sizes; the defaults are those of SAM ViT-H.
    """

    def __init__(self, config: SamConfig | None = None) -> None:
        """Make the networks with random weights."""
        super().__init__()
        self.config = config = config or SamConfig()
        self.image_size = config.image_size
        self.image_encoder: nn.Module = (
            ImageEncoder(config.encoder)
            if isinstance(config.encoder, VitConfig)
            else TinyVit(config.encoder)
        )
        self.prompt_encoder = PromptEncoder(config)
        self.mask_decoder = MaskDecoder(config)

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images.

        Args:
            x: ``(B, 3, S, S)`` RGB, less SAM's mean and over its standard deviation; what the
                image does not cover of the square is 0.

        Returns:
            ``{"image": (B, dim, S/16, S/16)}``.

        Raises:
            InputError: `x` has another shape.
        """
        check_shape("image of SAM", x, ("B", 3, self.image_size, self.image_size))
        return {"image": self.image_encoder(x)}

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            features: as `encode_image` returns them, of one image (``B`` = 1) or of the image of
                each prompt (``B`` = ``N``).
            prompts: ``N`` rows.

        Returns:
            mask logits ``(N, 4, S/4, S/4)`` and predicted IoU ``(N, 4)``; mask 0 answers an
            unambiguous prompt, 1 to 3 are the readings of an ambiguous one.

        Raises:
            InputError: the features are of another number of images or of another size, or a prompt
                has a wrong shape.
        """
        image = features["image"]
        grid = self.config.grid
        check_features("features of SAM", image, len(prompts), (self.config.dim, grid, grid))
        sparse, dense = self.prompt_encoder(prompts)
        masks, iou = self.mask_decoder(image, self.prompt_encoder.grid(), sparse, dense)
        return masks, iou
