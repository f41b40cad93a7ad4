"""The image encoder of SAM 2: trunk and neck."""

from __future__ import annotations

from torch import Tensor, nn

from biprompt.models.sam2.config import HieraConfig, RepVitConfig
from biprompt.models.sam2.hiera import Hiera
from biprompt.models.sam2.neck import Neck
from biprompt.models.sam2.repvit import RepVit


class ImageEncoder(nn.Module):
    """Images to features at a quarter, an eighth and a sixteenth of their side.

    Args:
        config: sizes of the trunk.
        dim: width of the features.
    """

    def __init__(self, config: HieraConfig | RepVitConfig, dim: int) -> None:
        """Make the layers with random weights."""
        super().__init__()
        self.trunk = RepVit(config) if isinstance(config, RepVitConfig) else Hiera(config)
        self.neck = Neck(config.dims, dim)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``(B, 3, S, S)``, normalised, to ``(B, dim, S/4, S/4)``, ``S/8`` and ``S/16``."""
        fine, middle, coarse = self.neck(self.trunk(x))
        return fine, middle, coarse
