"""EfficientSAM (Xiong et al., "EfficientSAM", 2023)."""

from __future__ import annotations

from biprompt.models.efficient_sam.config import DecoderConfig, EfficientSamConfig
from biprompt.models.efficient_sam.model import EfficientSam

__all__ = ["DecoderConfig", "EfficientSam", "EfficientSamConfig"]
