"""Sizes of the guided network, and where the maps join the image."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Fusion(StrEnum):
    """Where the maps join the image: the survey's Figures 4 and 5."""

    CONCATENATION = "concatenation"
    """Figure 4a: more channels of the first convolution (Conv Augmentation)."""
    DISTANCE_MAPS = "distance-maps"
    """Figure 4b: two 1x1 convolutions make three channels of image and maps (F-BRS)."""
    TWO_STREAM = "two-stream"
    """Figure 5a: maps have layers of their own, and meet the image's features in the decoder."""
    ONE_STREAM = "one-stream"
    """Figure 5b: maps become a tensor that is added to the first layer's output (RITM)."""


FUSIONS = tuple(each.value for each in Fusion)


@dataclass(frozen=True, slots=True)
class GuidedConfig:
    """What decides the shapes of `GuidedNetwork`.

    Attributes:
        maps: channels of the guidance, without the previous mask.
        fusion: where they join the image.
        width4: channels of the decoder at stride 4.
        width8: at stride 8.
        width16: at stride 16.
    """

    maps: int = 2
    fusion: Fusion = Fusion.ONE_STREAM
    width4: int = 24
    width8: int = 48
    width16: int = 96

    @property
    def guidance(self) -> int:
        """Channels that join the image: the maps and the previous mask."""
        return self.maps + 1

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return asdict(self) | {"fusion": self.fusion.value}
