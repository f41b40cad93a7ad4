"""Foundation models that transformers runs: which there are, and how one is found and opened."""

from __future__ import annotations

from biprompt.zoo.hub.families import HubFamily, Role
from biprompt.zoo.hub.folders import HubFolder, find_hub, is_hub
from biprompt.zoo.hub.table import HUB, HubSpec

__all__ = ["HUB", "HubFamily", "HubFolder", "HubSpec", "Role", "find_hub", "is_hub"]
