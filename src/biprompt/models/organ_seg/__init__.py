"""Organ-Seg: a question about an abdominal slice becomes an organ's mask, or a refusal.

Iftee et al., "Organ-Seg: A Vision-Language and LLM-Enhanced Framework for User-Guided Abdominal
Organ Image Segmentation". `choice` needs no torch; the networks are in `model` and `extractors`.
"""

from __future__ import annotations

from biprompt.models.organ_seg.choice import Choice, Options, Pick, parse_answer

__all__ = ["Choice", "Options", "Pick", "parse_answer"]
