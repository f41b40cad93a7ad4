"""What a checkpoint holds, told from its keys, and which of them matter."""

from biprompt.zoo.recognise.networks import VISUAL, Recognised, VisualConfig, recognise
from biprompt.zoo.recognise.preset import preset_of
from biprompt.zoo.recognise.roles import is_constant, is_parameter, is_unused, must_stay_exact
from biprompt.zoo.recognise.stated import KEY, Stated, stated_by

__all__ = [
    "KEY",
    "VISUAL",
    "Recognised",
    "Stated",
    "VisualConfig",
    "is_constant",
    "is_parameter",
    "is_unused",
    "must_stay_exact",
    "preset_of",
    "recognise",
    "stated_by",
]
