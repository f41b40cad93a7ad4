"""SAM-HQ: SAM with one more token and finer features.

Source: Ke et al., "Segment Anything in High Quality", 2023, section 3. The names are those of the
published weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.checks import check_features, check_shape
from biprompt.models.sam.config import MASKS, SamConfig, VitConfig
from biprompt.models.sam.image_encoder import ImageEncoder
from biprompt.models.sam.layers import LayerNorm2d
from biprompt.models.sam.mask_decoder import MaskDecoder, MlpHead, draw
from biprompt.models.sam.sam import Sam
from biprompt.models.sam.values import SamPrompts

FINE = "fine"
"""Name of the finer features: ``(B, dim/8, S/4, S/4)``."""


class HqDecoder(MaskDecoder):
    """SAM's decoder; what its fifth token draws on finer features is added to each mask.

    Args:
        config: sizes, with a plain vision transformer as encoder.
        early_dim: channels of the encoder's early output.
    """

    def __init__(self, config: SamConfig, early_dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__(config)
        dim = config.dim
        self.hf_token = nn.Embedding(1, dim)
        self.hf_mlp = MlpHead(dim, dim, dim // 8)
        self.compress_vit_feat = _enlarging(early_dim, dim, dim // 8)
        self.embedding_encoder = _enlarging(dim, dim // 4, dim // 8)
        self.embedding_maskfeature = nn.Sequential(
            nn.Conv2d(dim // 8, dim // 4, 3, padding=1), LayerNorm2d(dim // 4), nn.GELU(),
            nn.Conv2d(dim // 4, dim // 8, 3, padding=1),
        )  # fmt: skip

    def fine(self, image: Tensor, early: Tensor) -> Tensor:
        """Features of an image at a quarter of its side, once for all prompts.

        Args:
            image: the embedding, ``(B, dim, H, W)``.
            early: what the first global block of the encoder gives, ``(B, H, W, early_dim)``.

        Returns:
            ``(B, dim/8, 4H, 4W)``.
        """
        y: Tensor = self.embedding_encoder(image)
        return y + self.compress_vit_feat(early.permute(0, 3, 1, 2).to(y.dtype))  # type: ignore[no-any-return]

    def answer(
        self, features: dict[str, Tensor], image_pe: Tensor, sparse: Tensor, dense: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Answer ``N`` prompts; see `MaskDecoder.forward`, with `FINE` among the features."""
        image = features["image"]
        own = torch.cat((self.iou_token.weight, self.mask_tokens.weight, self.hf_token.weight))
        tokens = torch.cat((own.expand(sparse.shape[0], -1, -1), sparse), 1)
        seen, cells = self.transformer(image + dense, image_pe, tokens)
        upscaled = self.output_upscaling(cells.transpose(1, 2).unflatten(2, image.shape[2:]))
        masks = draw(self.output_hypernetworks_mlps, seen[:, 1 : 1 + MASKS], upscaled)
        finer = self.embedding_maskfeature(upscaled) + features[FINE]
        extra = draw(nn.ModuleList([self.hf_mlp]), seen[:, 1 + MASKS : 2 + MASKS], finer)
        return masks + extra, self.iou_prediction_head(seen[:, 0])


class SamHq(Sam):
    """SAM-HQ; a `~biprompt.models.promptable.Promptable`.

    Args:
        config: sizes; the defaults are those of ViT-H.

    Raises:
        InputError: its encoder is no plain vision transformer.
    """

    def __init__(self, config: SamConfig | None = None) -> None:
        """Make the networks with random weights."""
        super().__init__(config)
        if not isinstance(self.config.encoder, VitConfig):
            kind = type(self.config.encoder).__name__
            raise InputError("encoder of SAM-HQ", expected="VitConfig", actual=kind)
        self.mask_decoder: HqDecoder = HqDecoder(self.config, self.config.encoder.dim)

    def encode_image(self, x: Tensor) -> dict[str, Tensor]:
        """See `Sam.encode_image`.

        Returns:
            ``image`` ``(B, dim, S/16, S/16)`` and `FINE`.
        """
        check_shape("image of SAM-HQ", x, ("B", 3, self.image_size, self.image_size))
        encoder: ImageEncoder = self.image_encoder  # type: ignore[assignment]
        image, early = encoder.with_early(x)
        return {"image": image, FINE: self.mask_decoder.fine(image, early)}

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """See `Sam.decode`."""
        dim, side = self.config.dim, self.config.grid
        for name, shape in (("image", (dim, side, side)), (FINE, (dim // 8, 4 * side, 4 * side))):
            check_features(f"features {name} of SAM-HQ", features[name], len(prompts), shape)
        sparse, dense = self.prompt_encoder(prompts)
        return self.mask_decoder.answer(features, self.prompt_encoder.grid(), sparse, dense)


def _enlarging(dim: int, inside: int, out_dim: int) -> nn.Sequential:
    """``(B, dim, H, W)`` to ``(B, out_dim, 4H, 4W)``."""
    return nn.Sequential(
        nn.ConvTranspose2d(dim, inside, 2, stride=2), LayerNorm2d(inside), nn.GELU(),
        nn.ConvTranspose2d(inside, out_dim, 2, stride=2),
    )  # fmt: skip
