"""Foundation models that transformers runs, alone and beside others."""

from __future__ import annotations

from biprompt.segmenter.hub.opening import load_hub, load_hub_points, load_hub_words

__all__ = ["load_hub", "load_hub_points", "load_hub_words"]
