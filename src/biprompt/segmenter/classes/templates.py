"""Hard prompts: the words around a class's name, and the mean over several of them.

Survey, section on hard prompts: P = "a photo of a [CLASS] in the scene"; prompt ensembling takes
the mean over templates, T = mean(E_T(P_i)). Here it is the mean of the maps that the templates
give, which every family allows, also one that turns words into boxes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biprompt.errors import InputError
from biprompt.runtime.base import Float

PLACE = "{}"
"""Where the name goes."""
PLAIN = "{}"
SEMANTIC = "[semantic] {}"
"""All of a kind, for models that know the prefix (EVF-SAM, section 3.3)."""
PHOTOGRAPH = ("a photo of a {}", "a photo of the {}", "a photo of many {}", "there is a {} in the "
              "scene", "a close-up photo of a {}", "a blurry photo of a {}")  # fmt: skip
"""Some of the templates that CLIP was evaluated with, for models trained on captions."""


def check_templates(templates: Sequence[str]) -> tuple[str, ...]:
    """Return templates as a tuple, each once.

    Raises:
        InputError: none, or one in which the name has no place or several.
    """
    found = tuple(dict.fromkeys(templates))
    if not found:
        raise InputError("templates", expected="at least one", actual="none")
    for template in found:
        if template.count(PLACE) != 1:
            raise InputError("template", expected=f'text with one "{PLACE}"', actual=repr(template))
    return found


MEASURED: Mapping[str, tuple[str, ...]] = {"compact": (PLAIN,)}
"""What was measured to be best for a model (docs/open-vocabulary.md)."""


def default_templates(model: str, *, semantic: bool) -> tuple[str, ...]:
    """Return what a class is asked by where nobody says.

    Args:
        model: its name.
        semantic: whether it knows the prefix for all of a kind.
    """
    return MEASURED.get(model, (SEMANTIC,) if semantic else (PLAIN,))


def worded(template: str, words: str) -> str:
    """Return a template with words in the place of the name, in lower case."""
    return template.replace(PLACE, words.strip().lower())


def ensembled(maps: Sequence[Float]) -> Float:
    """Return the mean of the templates' maps.

    Args:
        maps: at least one, each (h, w) float32, probability or logit.
    """
    mean: Float = np.mean(np.stack(maps), axis=0, dtype=np.float32)
    return mean
