"""The tracker of SAM 3 (Carion et al., "SAM 3: Segment Anything with Concepts", 2025).

On one image it is SAM 2 with another image encoder: the prompt encoder and the decoder are the same
networks, so ours answer with its weights, in one pass for all four masks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from biprompt.models.sam.values import SamPrompts
from biprompt.models.sam2 import OtherEncoder, Sam2, Sam2Config
from biprompt.runtime.hub.asking import known_release

_LEVELS = 3
"""Maps of the neck that the decoder reads; a fourth, coarser one is not used."""


class Sam3Encoder(nn.Module):
    """The image encoder of transformers, as `Sam2` calls it.

    Args:
        vision: ``Sam3VisionModel``, with the neck of the tracker.
    """

    def __init__(self, vision: Any) -> None:
        """Keep the trunk and the neck apart: half precision is for the trunk alone."""
        super().__init__()
        self.trunk, self.neck = vision.backbone, vision.neck
        self._patch = int(vision.config.backbone_config.patch_size)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``(B, 3, s, s)`` to ``(B, dim, 4g, 4g)``, ``2g`` and ``g``.

        Raises:
            ModelError: this release of transformers is another than the one that is known.
        """
        grid = x.shape[-1] // self._patch
        with known_release("sam3"):
            cells = self.trunk(x).last_hidden_state
            levels, _ = self.neck(cells.unflatten(1, (grid, grid)).permute(0, 3, 1, 2))
            fine, middle, coarse = levels[:_LEVELS]
        return fine, middle, coarse


class Sam3Points(Sam2):
    """SAM 3 for what is pointed at; a `~biprompt.models.promptable.Promptable`.

    Its encoder has patches of 14 pixels. The model frame has 16 to a patch, as that of SAM 2, so
    that a cell of the masks is 4 of its pixels.

    Args:
        config: sizes, with an `OtherEncoder`.
        vision: ``Sam3VisionModel`` of transformers.
    """

    def __init__(self, config: Sam2Config, vision: Any) -> None:
        """Make the prompt encoder and the decoder with random weights."""
        super().__init__(config, Sam3Encoder(vision))
        # Half a pixel, which every network adds by itself, is less in the frame of SAM 3.
        self._shift = 0.5 * config.image_size / config.input_size - 0.5

    def decode(self, features: dict[str, Tensor], prompts: SamPrompts) -> tuple[Tensor, Tensor]:
        """See `Sam2.decode`."""
        points, boxes = (
            None if xy is None else xy + self._shift for xy in (prompts.points, prompts.boxes)
        )
        return super().decode(features, replace(prompts, points=points, boxes=boxes))


def sam3_config(config: Any) -> Sam2Config:
    """Sizes of `Sam3Points` from a ``Sam3TrackerConfig`` of transformers."""
    vision, decoder = config.vision_config, config.mask_decoder_config
    size = int(vision.image_size)
    grid = size // int(vision.backbone_config.patch_size)
    sizes = Sam2Config().decoder
    return Sam2Config(
        OtherEncoder(size, grid),
        dim=int(decoder.hidden_size),
        decoder=replace(
            sizes,
            depth=int(decoder.num_hidden_layers),
            heads=int(decoder.num_attention_heads),
            mlp=int(decoder.mlp_dim),
            iou_hidden=int(decoder.iou_head_hidden_dim),
            mask_channels=int(config.prompt_encoder_config.mask_input_channels),
        ),
        stability_delta=float(decoder.dynamic_multimask_stability_delta),
        stability_threshold=float(decoder.dynamic_multimask_stability_thresh),
    )
