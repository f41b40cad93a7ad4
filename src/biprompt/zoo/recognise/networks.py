"""Which network a checkpoint holds, told from the names and shapes of its tensors alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from biprompt.errors import InputError, WeightsError
from biprompt.models.efficient_sam.config import EfficientSamConfig
from biprompt.models.evf import EvfConfig
from biprompt.models.sam.config import SamConfig
from biprompt.models.sam2.config import Sam2Config
from biprompt.zoo.families import Family
from biprompt.zoo.recognise.efficient_sam import efficient_sam_config
from biprompt.zoo.recognise.evf import evf_config
from biprompt.zoo.recognise.keys import Keys
from biprompt.zoo.recognise.sam import mobile_sam_config, sam_config
from biprompt.zoo.recognise.sam2 import edge_tam_config, sam2_config
from biprompt.zoo.recognise.stated import Stated
from biprompt.zoo.weights import Shape

VisualConfig = SamConfig | EfficientSamConfig | Sam2Config

_PROJECTOR = "text_hidden_fcs.0.0.weight"
VISUAL = "visual_model."
"""What the names of EVF-SAM's visual part start with."""

# One name that a family has and no other; the first that is found decides.
_SIGNS: Mapping[str, Family] = {
    "image_encoder.trunk.patch_embed.proj.weight": Family.SAM2,
    "image_encoder.trunk.body.stem.conv1.c.weight": Family.EDGE_TAM,
    "mask_decoder.final_output_upscaling_layers.0.0.weight": Family.EFFICIENT_SAM,
    "image_encoder.patch_embed.seq.0.c.weight": Family.MOBILE_SAM,
    "mask_decoder.hf_token.weight": Family.SAM_HQ,
    "image_encoder.blocks.0.attn.rel_pos_h": Family.SAM,
}
_CONFIGS: Mapping[Family, Callable[[Keys, Stated], VisualConfig]] = {
    Family.SAM: sam_config,
    Family.SAM_HQ: sam_config,
    Family.MOBILE_SAM: mobile_sam_config,
    Family.EFFICIENT_SAM: efficient_sam_config,
    Family.SAM2: sam2_config,
    Family.EDGE_TAM: edge_tam_config,
}
_WITH_TEXT = {family.visual: family for family in Family if family.takes_text}
_EXPECTED = "SAM, SAM-HQ, MobileSAM, EfficientSAM, SAM 2, EdgeTAM or EVF-SAM"


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a checkpoint holds.

    Attributes:
        family: of the network.
        visual: sizes of the part that looks at the image and draws masks.
        evf: sizes of the part that reads words; None where there is none.
        prefix: what stands before the published names, such as ``module.``.
    """

    family: Family
    visual: VisualConfig
    evf: EvfConfig | None = None
    prefix: str = ""

    def plain(self) -> dict[str, Any]:
        """Everything as JSON values; `recognise` takes from it what no shape tells."""
        parts = {"family": self.family.value, "visual": asdict(self.visual)}
        return parts if self.evf is None else parts | {"evf": asdict(self.evf)}


def recognise(
    shapes: Mapping[str, Shape],
    stated: Stated | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Recognised:
    """Tell a network from the names and shapes of its tensors.

    Args:
        shapes: of all tensors.
        stated: facts that are in no shape, such as the number of attention heads; left out, those
            of the published sizes.
        path: where they come from, for the error.

    Raises:
        WeightsError: they are of another network, a name that is needed is missing, or sizes do
            not fit together.
    """
    try:
        return _recognised(shapes, stated or Stated())
    except InputError as error:
        raise WeightsError(
            error.what, expected=error.expected, actual=error.actual, path=path
        ) from error


def _recognised(shapes: Mapping[str, Shape], stated: Stated) -> Recognised:
    prefix = _prefix(shapes, _PROJECTOR)
    if prefix is not None:
        keys = Keys(shapes, prefix)
        family = _family(keys.under(VISUAL))
        if family not in _WITH_TEXT:
            raise _unknown(shapes)
        visual = _CONFIGS[family](keys.under(VISUAL), stated.part("visual"))
        return Recognised(_WITH_TEXT[family], visual, evf_config(keys, stated.part("evf")), prefix)
    for sign, family in _SIGNS.items():
        if (prefix := _prefix(shapes, sign)) is not None:
            visual = _CONFIGS[family](Keys(shapes, prefix), stated.part("visual"))
            return Recognised(family, visual, None, prefix)
    raise _unknown(shapes)


def _family(keys: Keys) -> Family | None:
    return next((family for sign, family in _SIGNS.items() if sign in keys), None)


def _prefix(shapes: Mapping[str, Shape], sign: str) -> str | None:
    """What stands before `sign`, None where no name ends in it."""
    ends = (name for name in shapes if name == sign or name.endswith(f".{sign}"))
    found = next(ends, None)
    return None if found is None else found.removesuffix(sign)


def _unknown(shapes: Mapping[str, Shape]) -> WeightsError:
    names = ", ".join(islice(shapes, 3))
    hint = " (transformers' names)" if any("vision_encoder." in name for name in shapes) else ""
    return WeightsError("checkpoint", expected=_EXPECTED, actual=f"keys such as {names}{hint}")
