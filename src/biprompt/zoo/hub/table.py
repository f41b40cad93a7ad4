"""The published models that transformers runs: one frozen table. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from biprompt.zoo.checkpoints import HubSource
from biprompt.zoo.hub.families import HubFamily, Role

_BYTES_PER_PARAMETER = 4
_APACHE = "Apache-2.0"
_SAM_LICENSE = "SAM License; access is asked for on its page"


@dataclass(frozen=True, slots=True)
class HubSpec:
    """What is known of a published model without having it.

    Attributes:
        name: what the command line calls it.
        summary: what it is, in a line.
        family: decides which adapter runs it.
        role: what it is asked with.
        parameters: of the network that transformers builds, about.
        licence: of the weights.
        source: its repository.
    """

    name: str
    summary: str
    family: HubFamily
    role: Role
    parameters: int
    licence: str
    source: HubSource

    @property
    def nbytes(self) -> int:
        """Bytes of the download, about as many: four a parameter."""
        return self.parameters * _BYTES_PER_PARAMETER


_SPECS = (
    HubSpec(
        name="sam3",
        summary="SAM 3: clicks by its tracker, every instance of a noun phrase by its detector",
        family=HubFamily.SAM3,
        role=Role.BOTH,
        parameters=859_921_848,
        licence=_SAM_LICENSE,
        source=HubSource("facebook/sam3"),
    ),
    HubSpec(
        name="clipseg",
        summary="a map for any phrase; coarse, quick",
        family=HubFamily.CLIPSEG,
        role=Role.WORDS,
        parameters=150_747_746,
        licence=_APACHE,
        source=HubSource("CIDAS/clipseg-rd64-refined"),
    ),
    HubSpec(
        name="grounding-dino-tiny",
        summary="boxes for any phrase, outlined by what is pointed with",
        family=HubFamily.GROUNDING_DINO,
        role=Role.WORDS,
        parameters=172_249_090,
        licence=_APACHE,
        source=HubSource("IDEA-Research/grounding-dino-tiny"),
    ),
    HubSpec(
        name="grounding-dino-base",
        summary="the same, larger",
        family=HubFamily.GROUNDING_DINO,
        role=Role.WORDS,
        parameters=233_000_000,
        licence=_APACHE,
        source=HubSource("IDEA-Research/grounding-dino-base"),
    ),
    HubSpec(
        name="owlv2-base",
        summary="boxes for any phrase, outlined by what is pointed with",
        family=HubFamily.OWLV2,
        role=Role.WORDS,
        parameters=154_972_681,
        licence=_APACHE,
        source=HubSource("google/owlv2-base-patch16-ensemble"),
    ),
    HubSpec(
        name="seggpt",
        summary="the thing that example photographs show",
        family=HubFamily.SEGGPT,
        role=Role.EXAMPLES,
        parameters=370_700_000,
        licence=_APACHE,
        source=HubSource("BAAI/seggpt-vit-large"),
    ),
)

HUB: Mapping[str, HubSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
