"""Organ-Seg on disk: a folder that names its two large networks and holds what was learnt."""

from __future__ import annotations

from biprompt.zoo.organ_seg.folder import FILE, Mode, OrganSegFacts, is_organ_seg, read_facts

__all__ = ["FILE", "Mode", "OrganSegFacts", "is_organ_seg", "read_facts"]
