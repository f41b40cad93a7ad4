"""Promptable image segmentation: click, name or show a thing, get its mask and the reason.

::

    import biprompt

    model = biprompt.load()
    answer = model.segment("kitchen.jpg", points=[(412, 300)], text="the red cup")
    answer.mask, answer.verdict, answer.card

The names below are loaded on first use, so `import biprompt` brings in neither torch nor
onnxruntime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from biprompt.errors import (
        BipromptError,
        DataError,
        ImageError,
        InputError,
        MissingExtraError,
        ModelError,
        OutputError,
        PromptError,
        WeightsError,
    )
    from biprompt.prompts import (
        Box,
        Example,
        MaskPrompt,
        Points,
        Polygon,
        Prompt,
        Scribble,
        Text,
    )
    from biprompt.results import Candidate, LabelMap, Segmentation, SelectionCard, Verdict
    from biprompt.segmenter import Segmenter, load
    from biprompt.segmenter.classes import ClassRules
    from biprompt.selection import Policy

__version__ = "0.1.0"

__all__ = [
    "BipromptError",
    "Box",
    "Candidate",
    "ClassRules",
    "DataError",
    "Example",
    "ImageError",
    "InputError",
    "LabelMap",
    "MaskPrompt",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Points",
    "Policy",
    "Polygon",
    "Prompt",
    "PromptError",
    "Scribble",
    "Segmentation",
    "Segmenter",
    "SelectionCard",
    "Text",
    "Verdict",
    "WeightsError",
    "__version__",
    "load",
]

_HOMES = {
    "errors": (
        *("BipromptError", "DataError", "ImageError", "InputError", "MissingExtraError"),
        *("ModelError", "OutputError", "PromptError", "WeightsError"),
    ),
    "prompts": (
        *("Box", "Example", "MaskPrompt", "Points"),
        *("Polygon", "Prompt", "Scribble", "Text"),
    ),
    "results": ("Candidate", "LabelMap", "Segmentation", "SelectionCard", "Verdict"),
    "segmenter": ("Segmenter", "load"),
    "segmenter.classes": ("ClassRules",),
    "selection": ("Policy",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module that holds a public name when that name is first used."""
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
