"""Masks of questions: classes of an image, and what is decoded once for several questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from biprompt.data.labels import ClassMasks, LabelMap
from biprompt.data.outlines import BoolMask
from biprompt.data.sources import MaskSource


@dataclass(frozen=True, slots=True)
class ClassRegion:
    """Where an image shows one class.

    Attributes:
        source: all classes of the image.
        index: the class.
    """

    source: LabelMap | ClassMasks
    index: int

    def decode(self) -> BoolMask:
        """Return (H, W) bool; empty where the image does not show the class."""
        found = _regions(self.source).get(self.index)
        return _emptied(self.source) if found is None else found


@dataclass(frozen=True, slots=True)
class ClassIgnored:
    """Where no class counts.

    Attributes:
        source: all classes of the image; the data set marks some of its pixels.
    """

    source: LabelMap

    def decode(self) -> BoolMask:
        """Return (H, W) bool."""
        return _ignored(self.source)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The empty mask of the size of another one.

    Attributes:
        other: any mask of the same image.
    """

    other: MaskSource

    def decode(self) -> BoolMask:
        """Return (H, W) bool without any pixel set."""
        return np.zeros_like(self.other.decode())


def classes_in(source: LabelMap | ClassMasks) -> list[int]:
    """Return the indices of the classes that an image may show, in rising order.

    A label map is read and tells exactly; masks are not, and some of them may turn out empty.
    """
    if isinstance(source, ClassMasks):
        return [index for index, _ in source.masks]
    labels = source.decode()
    return np.flatnonzero(np.bincount(labels[labels >= 0].ravel())).tolist()


def decoded(source: MaskSource) -> BoolMask:
    """Decode a mask, (H, W) bool, read-only; once for questions that share it."""
    return _decoded(source)  # type: ignore[arg-type]  # every source is a frozen value


@lru_cache(maxsize=4)  # the sentences of one reference follow each other
def _decoded(source: MaskSource) -> BoolMask:
    mask = source.decode().view()
    mask.flags.writeable = False
    return mask


@lru_cache(maxsize=1)
def _regions(source: LabelMap | ClassMasks) -> Mapping[int, BoolMask]:
    return dict(source.regions())


@lru_cache(maxsize=1)
def _ignored(source: LabelMap) -> BoolMask:
    found = source.ignore_mask()
    return _emptied(source) if found is None else found


def _emptied(source: LabelMap | ClassMasks) -> BoolMask:
    if isinstance(source, ClassMasks):
        return np.zeros_like(source.masks[0][1].decode())
    return np.zeros(source.decode().shape, np.bool_)
