"""The embedded model: one MobileNetV2 pass, a promptable decoder, and words fused early."""

from __future__ import annotations

from biprompt.models.compact.config import CompactConfig
from biprompt.models.compact.model import CompactModel, Features, SpatialPrompts, TextPrompts

__all__ = ["CompactConfig", "CompactModel", "Features", "SpatialPrompts", "TextPrompts"]
