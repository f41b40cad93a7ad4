"""Instances of a label map: the connected parts of a class, where it is a thing.

No word tells two things of a class apart here, so things that touch are one instance.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from biprompt.masks import components
from biprompt.segmenter.classes.composing import Labels

SMALLEST = 0.0005
"""Share of the image below which a part is no instance of its own but goes to the nearest one."""


def instances_of(labels: Labels, numbers: Iterable[int]) -> Labels:
    """Number the connected parts of some classes.

    Args:
        labels: (H, W) int32.
        numbers: of the classes whose parts are instances.

    Returns:
        (H, W) int32, 0 outside these classes, else from 1 up, class by class and within a class
        from the top left. Parts below SMALLEST of the image belong to the nearest larger one of
        their class; where none is larger, each is an instance.
    """
    found = np.zeros(labels.shape, np.int32)
    for number in numbers:
        parts, count = components(labels == number)
        if count:
            found[parts > 0] = (found.max() + _merged(parts, count))[parts > 0]
    return found


def _merged(parts: npt.NDArray[np.int32], count: int) -> npt.NDArray[np.int32]:
    """Renumber parts so that small ones share the number of the nearest large one."""
    sizes = np.bincount(parts.reshape(-1), minlength=count + 1)
    is_large = sizes >= SMALLEST * parts.size
    is_large[0] = False
    if is_large.any() and not is_large[1:].all():
        from scipy.ndimage import distance_transform_edt

        where = distance_transform_edt(
            ~is_large[parts], return_distances=False, return_indices=True
        )
        parts = np.where(parts > 0, parts[tuple(where)], 0)
    kept = np.unique(parts[parts > 0])
    table = np.zeros(count + 1, np.int32)
    table[kept] = np.arange(1, len(kept) + 1)
    return table[parts]
