"""How a checkpoint expects its image: as it says, as the table says, or as its family does."""

from __future__ import annotations

from typing import get_args

from biprompt.zoo.checkpoints import CheckpointSpec
from biprompt.zoo.families import PRESETS, Family, Pixels, Preset, Resize
from biprompt.zoo.recognise.stated import Stated


def preset_of(family: Family, stated: Stated, spec: CheckpointSpec | None) -> Preset:
    """The preset of a checkpoint; no weight tells it.

    Args:
        family: of its network; its newest generation is meant where nothing else is known.
        stated: what the checkpoint says about itself; it goes before everything else.
        spec: the published checkpoint that it is.

    Raises:
        WeightsError: it says something that cannot be.
    """
    usual, said = PRESETS[family] if spec is None else spec.preset, stated.part("preset")
    return Preset(
        resize=said.choice("resize", usual.resize, get_args(Resize)),
        multimask_text=said.flag("multimask_text", usual.multimask_text),
        semantic=said.flag("semantic", usual.semantic),
        pixels=said.choice("pixels", usual.pixels, get_args(Pixels)),
    )
