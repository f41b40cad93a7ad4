"""Segment Anything (SAM ViT-B, ViT-L, ViT-H and MobileSAM) under its published names."""

from __future__ import annotations

from biprompt.models.sam.config import DecoderConfig, SamConfig, TinyVitConfig, VitConfig
from biprompt.models.sam.hq import SamHq
from biprompt.models.sam.sam import Sam
from biprompt.models.sam.values import SamPrompts

__all__ = ["DecoderConfig", "Sam", "SamConfig",
    "SamHq", "SamPrompts", "TinyVitConfig", "VitConfig"]
