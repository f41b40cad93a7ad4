"""The adapters of the families that are pointed with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch

from biprompt.models.preprocess import SamPixels, SamResize
from biprompt.runtime.base import Runtime
from biprompt.runtime.hub.sam3_points import Sam3Points, sam3_config
from biprompt.runtime.torch import Place, PointExpert, Sight, TorchRuntime
from biprompt.zoo.hub import HubFamily, HubFolder
from biprompt.zoo.hub.opening import open_network, version_of
from biprompt.zoo.naming import sources

Points = Callable[[HubFolder, Place], Runtime]

PREPROCESSING = "1"
"""Changes when an image would reach a network in another form; part of the version."""
_ENCODER = ("vision_encoder.", "image_encoder.")


def _sam3(folder: HubFolder, place: Place) -> Runtime:
    theirs = open_network(folder, "Sam3TrackerModel")
    with torch.device("meta"):
        empty = Sam3Points(sam3_config(theirs.config), theirs.vision_encoder)
    _take_over(empty, theirs)
    sight = Sight(
        "image", empty, SamResize.SQUARE_PIL, SamPixels.HALF, input_size=empty.config.input_size
    )
    return _runtime(folder, place, sight)


def _take_over(ours: torch.nn.Module, theirs: Any) -> None:
    """Give a network of ours the weights of the same one of transformers, all but its encoder."""
    state = theirs.state_dict()
    found = {
        name: source.taken(state[source.name])
        for name, source in sources(state).items()
        if not source.name.startswith(_ENCODER)
    }
    missing, unexpected = ours.load_state_dict(found, strict=False, assign=True)
    wrong = [*unexpected, *(name for name in missing if not name.startswith(_ENCODER))]
    if wrong:
        raise AttributeError(f"the decoder has other parts: {', '.join(wrong[:3])}")


def _runtime(folder: HubFolder, place: Place, sight: Sight) -> Runtime:
    name = folder.name if folder.spec else folder.path.name
    version = version_of(sight.model, f"{PREPROCESSING} {sight.resize} {sight.pixels}")
    return TorchRuntime(name, version, place, points=PointExpert(sight, sight.model))


POINTS: Mapping[HubFamily, Points] = MappingProxyType({HubFamily.SAM3: _sam3})
"""What loads a family to be pointed with."""
