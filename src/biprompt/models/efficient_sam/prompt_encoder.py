"""The prompt encoder of EfficientSAM: points and boxes to a fixed number of tokens."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from biprompt.errors import InputError
from biprompt.models.checks import check_shape
from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.sam.boxes import corners_as_points
from biprompt.models.sam.prompt_encoder import PositionEncoding
from biprompt.models.sam.values import SamPrompts

_NO_POINT = -1
"""Label and both coordinates of a point that only fills up."""


class PromptEncoder(nn.Module):
    """Prompts as tokens of the decoder; there is no part for masks.

    A point that removes has no embedding of its own: the published network marks it by nothing but
    its position.
    """

    def __init__(self, config: EfficientSamConfig) -> None:
        """Make the embeddings with random weights."""
        super().__init__()
        dim = config.dim
        self.image_size, self.side, self.dim = config.image_size, config.grid, dim
        self.max_points = config.max_points
        self.pe_layer = PositionEncoding(dim)
        self.invalid_points = nn.Embedding(1, dim)
        self.point_embeddings = nn.Embedding(1, dim)
        self.bbox_top_left_embeddings = nn.Embedding(1, dim)
        self.bbox_bottom_right_embeddings = nn.Embedding(1, dim)

    def forward(self, prompts: SamPrompts) -> Tensor:
        """Encode prompts.

        Args:
            prompts: ``N`` rows without masks.

        Returns:
            tokens ``(N, T, dim)``: `max_points` of them where there are points or boxes, the last
            of them padding, then those of text.

        Raises:
            InputError: there are masks or too many points, or text has another width.
        """
        prompts = corners_as_points(self._checked(prompts))
        tokens = []
        if prompts.points is not None and prompts.labels is not None:
            tokens.append(self._located(prompts.points, prompts.labels))
        if prompts.text is not None:
            tokens.append(prompts.text.to(self._like))
        return torch.cat(tokens, 1)

    def grid(self) -> Tensor:
        """Positions of the cells of the image, ``(1, dim, S/16, S/16)``."""
        return self.pe_layer.grid(self.side).to(self._like.dtype)

    @property
    def _like(self) -> Tensor:
        """A parameter: tokens have its type and lie on its device."""
        return self.invalid_points.weight

    def _located(self, xy: Tensor, kinds: Tensor) -> Tensor:
        """Points ``(N, K, 2)`` in the model frame, of ``kinds`` ``(N, K)``, as tokens."""
        missing = self.max_points - xy.shape[1]
        xy = F.pad(xy.float(), (0, 0, 0, missing), value=_NO_POINT)
        kinds = F.pad(kinds.long(), (0, missing), value=_NO_POINT)
        encoded: Tensor = self.pe_layer((xy + 0.5) / self.image_size)
        return encoded.to(self._like) + self._marks()[kinds + 1]

    def _marks(self) -> Tensor:
        """What is added to a position, ``(5, dim)``, for the labels -1, 0, 1 and both corners."""
        nothing = torch.zeros_like(self._like)
        corners = (self.bbox_top_left_embeddings.weight, self.bbox_bottom_right_embeddings.weight)
        point = self.point_embeddings.weight
        return torch.cat((self.invalid_points.weight, nothing, point, *corners))

    def _checked(self, prompts: SamPrompts) -> SamPrompts:
        if prompts.masks is not None:
            what = "prompts of EfficientSAM"
            raise InputError(what, expected="points, boxes or text", actual="masks")
        if prompts.text is not None:
            check_shape("text of prompts", prompts.text, ("N", "T", self.dim))
        points = 0 if prompts.points is None else prompts.points.shape[1]
        corners = 0 if prompts.boxes is None else 2
        if points + corners > self.max_points:
            raise InputError(
                "points of EfficientSAM",
                expected=f"at most {self.max_points}, of which a box takes two",
                actual=points + corners,
            )
        return prompts
