"""Things of a class apart from each other: by the model where it can, else by what is connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from biprompt.geometry import masks_in_frame
from biprompt.runtime.base import Decoded, ImageEmbedding
from biprompt.runtime.instances import InstanceRuntime
from biprompt.segmenter.classes.composing import Labels
from biprompt.segmenter.classes.instances import instances_of
from biprompt.segmenter.classes.names import NamedClass

if TYPE_CHECKING:
    from biprompt.segmenter.core import Segmenter

Bool = npt.NDArray[np.bool_]


def parted(
    segmenter: Segmenter, scene: ImageEmbedding, labels: Labels, classes: Sequence[NamedClass],
    numbers: Sequence[int],
) -> Labels:  # fmt: skip
    """Number the things of some classes.

    A model that tells things apart (`RuntimeFacts.instances`) is asked by the name of the class.

    Args:
        segmenter: the model that looked at the image.
        scene: the image.
        labels: (H, W) int32, 0 for nothing, else the place of a class from 1.
        classes: all of them.
        numbers: of the classes whose things are wanted.

    Returns:
        (H, W) int32, 0 outside these classes, else from 1 up, class by class and within a class
        from the top left.
    """
    if not segmenter.runtime.facts.instances:
        return instances_of(labels, numbers)
    found = np.zeros(labels.shape, np.int32)
    for number in numbers:
        own = labels == number
        if own.any():
            phrase = segmenter.reader.read(classes[number - 1].name)
            told = cast(InstanceRuntime, segmenter.runtime).instances(scene, phrase)
            found[own] = found.max() + _things(instances_of(labels, [number]), told, scene)[own]
    return found


def _things(connected: Labels, told: Decoded, scene: ImageEmbedding) -> Labels:
    """Numbers from 1 up where `connected` has one.

    Every place goes to the surest thing that covers it, else to the nearest one; a connected part
    that no thing covers anywhere is one by itself.
    """
    own = connected > 0
    things = _surest(told, scene, own)
    if not things.any():
        return connected
    from scipy.ndimage import distance_transform_edt

    where = distance_transform_edt(things == 0, return_distances=False, return_indices=True)
    covered = np.isin(connected, np.unique(connected[things > 0]))
    numbers = np.where(covered, things[tuple(where)], things.max() + connected)
    return _renumbered(np.where(own, numbers, 0))


def _surest(told: Decoded, scene: ImageEmbedding, own: Bool) -> Labels:
    """The number of the surest thing at each place of `own`, from 1; 0 where none covers it."""
    things = np.zeros(own.shape, np.int32)
    for row in range(len(told.logits)):  # one at a time: there may be a hundred
        frame = scene.frame if told.frames is None else told.frames[row]
        mask = masks_in_frame(told.logits[row], frame)[0]
        things[mask & own & (things == 0)] = row + 1
    return things


def _renumbered(things: Labels) -> Labels:
    """The same things from 1 up, in the order of their first places."""
    numbers, first = np.unique(things, return_index=True)
    order = numbers[np.argsort(first)]
    order = order[order > 0]
    table = np.zeros(int(numbers.max()) + 1, np.int32)
    table[order] = np.arange(1, len(order) + 1)
    return table[things]
