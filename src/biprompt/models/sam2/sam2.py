"""SAM 2 on single images: ``encode_image`` once, then ``decode`` prompts."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.checks import check_features, check_shape
from biprompt.models.sam.boxes import corners_as_points
from biprompt.models.sam.prompt_encoder import PromptEncoder
from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2.config import OtherEncoder, Sam2Config
from biprompt.models.sam2.image_encoder import ImageEncoder
from biprompt.models.sam2.mask_decoder import MaskDecoder
from biprompt.models.sam2.stability import settle_single

MEMORY_PREFIXES = (
    "memory_attention.",
    "memory_encoder.",
    "mask_downsample.",
    "maskmem_tpos_enc",
    "no_mem_pos_enc",
    "no_obj_ptr",
    "no_obj_embed_spatial",
    "obj_ptr_proj.",
    "obj_ptr_tpos_proj.",
    "spatial_perceiver.",
)
"""How the names of weights begin that only video needs: drop them from a published state dict."""


class Sam2(nn.Module):
    """SAM 2, 2.1 or EdgeTAM without its memory; a `~biprompt.models.promptable.Promptable`.

    The state dict has the names of the published checkpoints, less `MEMORY_PREFIXES`.

    Args:
        config: sizes; the defaults are those of SAM 2 large.
        image_encoder: where `config` says that it is another: takes ``(B, 3, s, s)``, returns
            ``(B, dim, S/4, S/4)``, ``S/8`` and ``S/16``, and has a part ``neck``.

    Raises:
        InputError: the encoder is missing, or one is given where one is made.
    """

    def __init__(
        self, config: Sam2Config | None = None, image_encoder: nn.Module | None = None
    ) -> None:
        """Make the networks with random weights."""
        super().__init__()
        self.config = config = config or Sam2Config()
        self.image_size = config.image_size
        self.image_encoder = _encoder(config, image_encoder)
        self.sam_prompt_encoder = PromptEncoder(config)
        self.sam_mask_decoder = MaskDecoder(config)
        self.no_mem_embed = nn.Parameter(torch.zeros(1, 1, config.dim))

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """Look at images.

        Args:
            x: ``(B, 3, s, s)`` RGB, normalised, the image stretched over the whole square; ``s``
                is ``S``, unless `OtherEncoder` says another side.

        Returns:
            ``image`` ``(B, dim, S/16, S/16)``, ``s0`` ``(B, dim/8, S/4, S/4)`` and ``s1``
            ``(B, dim/4, S/8, S/8)``.

        Raises:
            InputError: `x` has another shape.
        """
        side = self.config.input_size
        check_shape("image of SAM 2", x, ("B", 3, side, side))
        fine, middle, coarse = self.image_encoder(x)
        return {
            # A single image is a video of which nothing is remembered yet.
            "image": coarse + self.no_mem_embed.view(1, -1, 1, 1),
            "s0": self.sam_mask_decoder.conv_s0(fine),
            "s1": self.sam_mask_decoder.conv_s1(middle),
        }

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts about one image, or about one each.

        Args:
            features: as `encode_image` returns them, of one image (``B`` = 1) or of the image of
                each prompt (``B`` = ``N``).
            prompts: ``N`` rows.

        Returns:
            mask logits ``(N, 4, S/4, S/4)`` and predicted IoU ``(N, 4)`` in [0, 1]. Mask 0 answers
            an unambiguous prompt (in evaluation mode it is that of `settle_single`), 1 to 3 are
            the readings of an ambiguous one.

        Raises:
            InputError: the features are of another number of images or of another size, or a prompt
                has a wrong shape.
        """
        self._check(features, len(prompts))
        sparse, dense = self.sam_prompt_encoder(corners_as_points(prompts))
        grid = self.sam_prompt_encoder.grid()
        logits, iou, _ = self.sam_mask_decoder(features, grid, sparse, dense)
        if self.training:
            return logits, iou
        delta, threshold = self.config.stability_delta, self.config.stability_threshold
        return settle_single(logits, iou, delta=delta, threshold=threshold)

    def _check(self, features: dict[str, Tensor], rows: int) -> None:
        dim, side = self.config.dim, self.config.grid
        for name, scale, width in (("image", 1, dim), ("s1", 2, dim // 4), ("s0", 4, dim // 8)):
            expected = (width, scale * side, scale * side)
            check_features(f"features {name} of SAM 2", features[name], rows, expected)


def _encoder(config: Sam2Config, given: nn.Module | None) -> nn.Module:
    if isinstance(config.encoder, OtherEncoder):
        if given is None:
            raise InputError("image encoder", expected="the one of the config", actual="none")
        return given
    if given is not None:
        raise InputError("image encoder", expected="none: it is made", actual=type(given).__name__)
    return ImageEncoder(config.encoder, config.dim)
