"""Masks that nobody named: regions of one annotator, unions of them, parts of a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biprompt.data.coco import CocoAnnotation
from biprompt.masks import components

UNIONS = 6
SINGLE = 6


def region_masks(
    annotations: Sequence[CocoAnnotation], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """One annotator's regions, and unions of regions that touch.

    Args:
        annotations: at least one; those of a person have the same ``annotator``.
        rng: source of chance.

    Returns:
        ``(N, H, W)``, at least one.
    """
    people = sorted({str(a.extra.get("annotator", 0)) for a in annotations})
    person = people[int(rng.integers(len(people)))]
    own = [a.mask() for a in annotations if str(a.extra.get("annotator", 0)) == person]
    regions = np.stack(own)
    unions = [_grown(regions, rng) for _ in range(UNIONS)]
    few = regions[rng.permutation(len(regions))[:SINGLE]]
    return np.concatenate((np.stack(unions), few))


def _grown(regions: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """A region joined with one to four that touch it."""
    union: NDArray[np.bool_] = regions[int(rng.integers(len(regions)))].copy()
    for _ in range(int(rng.integers(1, 5))):
        touch = (regions & _border(union)).sum((1, 2))
        if not touch.any():
            break
        union |= regions[int(rng.choice(len(regions), p=touch / touch.sum()))]
    return union


def _border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels around the mask, one wide."""
    around = mask.copy()
    around[1:] |= mask[:-1]
    around[:-1] |= mask[1:]
    around[:, 1:] |= mask[:, :-1]
    around[:, :-1] |= mask[:, 1:]
    return around & ~mask


def connected_part(
    mask: NDArray[np.bool_], rng: np.random.Generator, least: int
) -> NDArray[np.bool_]:
    """One connected part of a mask, by chance, among those of ``least`` pixels or more."""
    labels, count = components(mask)
    if count <= 1:
        return mask
    area = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    rows = np.flatnonzero(area >= least)
    if not len(rows):
        return mask
    return np.asarray(labels == 1 + int(rng.choice(rows)), np.bool_)
