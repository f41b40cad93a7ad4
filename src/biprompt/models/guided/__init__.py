"""The guided network: clicks reach it as maps beside the image."""

from __future__ import annotations

from biprompt.models.guided.config import FUSIONS, Fusion, GuidedConfig
from biprompt.models.guided.network import GuidedNetwork

__all__ = ["FUSIONS", "Fusion", "GuidedConfig", "GuidedNetwork"]
