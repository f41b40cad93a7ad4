"""The adapters of the families that are pointed with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from biprompt.runtime.base import Runtime
from biprompt.runtime.torch import Place
from biprompt.zoo.hub import HubFamily, HubFolder

Points = Callable[[HubFolder, Place], Runtime]

POINTS: Mapping[HubFamily, Points] = MappingProxyType({})
"""What loads a family to be pointed with."""
