"""The adapters of the families that read words, and of those that learn from examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from biprompt.runtime.base import Reader, Runtime
from biprompt.runtime.torch import Place
from biprompt.zoo.hub import HubFamily, HubFolder

Words = Callable[[HubFolder, Place, Runtime | None], tuple[Runtime, Reader]]
Examples = Callable[[HubFolder, Place], Runtime]

WORDS: Mapping[HubFamily, Words] = MappingProxyType({})
"""What loads a family to read words. It is given what is pointed with, None where there is nothing
else; a family that only finds boxes (`HubFamily.detects`) returns both joined to one runtime."""
EXAMPLES: Mapping[HubFamily, Examples] = MappingProxyType({})
"""What loads a family with an example expert of its own."""
