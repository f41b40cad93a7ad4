"""SAM 2 (Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024), for images."""

from __future__ import annotations

from biprompt.models.sam2.config import HieraConfig, OtherEncoder, RepVitConfig, Sam2Config
from biprompt.models.sam2.sam2 import MEMORY_PREFIXES, Sam2

__all__ = ["MEMORY_PREFIXES", "HieraConfig", "OtherEncoder", "RepVitConfig", "Sam2", "Sam2Config"]
