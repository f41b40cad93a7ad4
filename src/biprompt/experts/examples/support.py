"""What examples show: the places of their images, and how much of each is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.spatial import covered
from biprompt.runtime.base import Float

MOSTLY = 0.5
"""Covered part from which a place counts as marked."""
HARDLY = 0.1
"""Covered part under which a place counts as not marked."""
MAX_PLACES = 4096
"""Places kept of each kind, so that many examples take no more time than a few."""

Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One example.

    Attributes:
        features: ``(C, h, w)`` float32, see `Runtime.dense`.
        part: ``(h, w)`` float32 in [0, 1], marked part of each place.
        is_meant: whether the mark shows what is meant, or what is not.
    """

    features: Float
    part: Float
    is_meant: bool

    @classmethod
    def of(cls, features: Float, mask: Bool, *, is_meant: bool) -> Shown:
        """Bring a mask ``(H, W)`` to the places of its image."""
        hw = (features.shape[1], features.shape[2])
        return cls(features, covered(mask, hw), is_meant)

    @property
    def places(self) -> Float:
        """``(C, h * w)`` vectors of unit length."""
        return unit(self.features.reshape(len(self.features), -1))

    @property
    def marked(self) -> Bool:
        """``(h * w,)`` bool; of a thing smaller than a place, the place that it covers most."""
        return np.asarray(self.part.ravel() >= min(MOSTLY, 0.9 * float(self.part.max())))


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """What all examples show together.

    Attributes:
        meant: ``(C, n)`` float32, unit vectors of places that are meant.
        other: ``(C, m)`` likewise, of places that are not.
        prototype: ``(C,)`` masked average of what is meant, of unit length.
        contrasts: ``(C, k)`` masked averages of what is not: the surroundings of the thing, and
            what the negative examples mark.
    """

    meant: Float
    other: Float
    prototype: Float
    contrasts: Float

    @classmethod
    def of(cls, shown: Sequence[Shown]) -> Support:
        """Gather examples, at least one of which shows what is meant."""
        meant = [one for one in shown if one.is_meant]
        unmeant = [one for one in shown if not one.is_meant]
        around = [one.places[:, one.part.ravel() < HARDLY] for one in meant]
        denied = [one.places[:, one.marked] for one in unmeant]
        average = [masked_average(meant, outside=True)] + (
            [masked_average(unmeant)] * bool(unmeant)
        )
        return cls(
            _few(np.concatenate([one.places[:, one.marked] for one in meant], 1)),
            _few(np.concatenate([*around, *denied], 1)),
            masked_average(meant),
            np.stack(average, 1),
        )


def unit(places: Float) -> Float:
    """Vectors ``(C, ...)`` of length 1 along the first axis; zeros stay zeros."""
    length = np.sqrt(np.square(places).sum(0, keepdims=True))
    return np.asarray(places / np.maximum(length, 1e-6), np.float32)


def masked_average(shown: Sequence[Shown], *, outside: bool = False) -> Float:
    """The mean of the marked places: masked average pooling, of unit length.

    Survey, section 20 (prototypes; FSSPGNet's "Feature Space Mask" and late fusion).

    Args:
        shown: examples; a place counts by its marked part, and every example by its size.
        outside: of what is not marked instead.

    Returns:
        ``(C,)`` float32; zeros where nothing counts.
    """
    weights = [1 - one.part.ravel() if outside else one.part.ravel() for one in shown]
    total = sum(one.places @ weight for one, weight in zip(shown, weights, strict=True))
    return unit(np.asarray(total, np.float32))


def _few(places: Float) -> Float:
    """At most `MAX_PLACES` of the places, at equal distances."""
    step = -(-places.shape[1] // MAX_PLACES)
    return np.ascontiguousarray(places[:, :: max(1, step)])
