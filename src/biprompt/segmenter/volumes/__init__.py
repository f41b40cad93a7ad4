"""Whole volumes: a prompt on one slice followed through its neighbours, or words on every slice.

Research software, not a medical device: nothing it answers is for diagnosis or treatment.
"""

from __future__ import annotations

from biprompt.segmenter.volumes.answer import Organ, VolumeAnswer
from biprompt.segmenter.volumes.asking import ask_volume
from biprompt.segmenter.volumes.following import segment_volume
from biprompt.segmenter.volumes.rules import StopRules
from biprompt.segmenter.volumes.scan import Scan

__all__ = ["Organ", "Scan", "StopRules", "VolumeAnswer", "ask_volume", "segment_volume"]
