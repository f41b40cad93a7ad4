"""Give things names from a class list: each that of the class that covers most of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from biprompt.results import LabelMap
from biprompt.results.objects import FoundObject

LEAST_SHARE: Final = 0.5
"""Share of a thing that a class has to cover to name it: more than all others together."""


def named(found: Sequence[FoundObject], classes: LabelMap) -> list[FoundObject]:
    """Name things by a label map.

    The class of most pixels of a thing names it, where they are at least `LEAST_SHARE` of it; other
    things stay without a name. A part is named by what it is a part of, unless the list names the
    part too.

    Args:
        found: the things.
        classes: of the same image.
    """
    return [_named(each, classes) for each in found]


def _named(thing: FoundObject, classes: LabelMap) -> FoundObject:
    inside = classes.labels[thing.mask]
    counts = np.bincount(inside, minlength=len(classes.classes) + 1)
    best = 1 + int(counts[1:].argmax()) if len(counts) > 1 else 0
    share = float(counts[best] / max(1, inside.size)) if best else 0.0
    if share < LEAST_SHARE:
        return thing
    return replace(thing, label=classes.names[best - 1], share=share)
