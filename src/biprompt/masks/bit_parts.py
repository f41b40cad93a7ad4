"""The connected parts of a mask of any size, found in bands of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biprompt.masks.bits import BitMask
from biprompt.masks.shapes import components
from biprompt.masks.window import Window

Bool = NDArray[np.bool_]
Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BitParts:
    """The connected parts of a mask; pixels touch also over a corner.

    Attributes:
        bbox: `(P, 4)` int64 xyxy of each part, as `bbox_xyxy`.
        area: `(P,)` int64 pixels.
        seed: `(P, 2)` int64 (x, y) of its first pixel, row by row; the parts come in this order.
        of_label: `(L + 1,)` int64, for the label of a band (0 is the background) its part's number
            from 1, or 0.
        first: `(B + 1,)` int64, where the labels of each band begin in `of_label`, less 1.
    """

    bbox: Int
    area: Int
    seed: Int
    of_label: Int = field(repr=False)
    first: Int = field(repr=False)

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.area)


def bit_parts(mask: BitMask) -> BitParts:
    """Find the connected parts of a mask, in memory for a band of rows at a time."""
    boxes, areas, seeds, links, first = [], [], [], [], [0]
    above: NDArray[np.int64] | None = None
    for top, band in mask.bands():
        labels, count = components(band)
        box, area, seed = _measured(labels, count, top)
        boxes.append(box)
        areas.append(area)
        seeds.append(seed)
        if above is not None:
            links.append(_touching(above, np.where(labels[0] > 0, labels[0] + first[-1], 0)))
        above = np.where(labels[-1] > 0, labels[-1].astype(np.int64) + first[-1], 0)
        first.append(first[-1] + count)
    pairs = np.concatenate([np.zeros((0, 2), np.int64), *links])
    return _joined(
        np.concatenate(boxes), np.concatenate(areas), np.concatenate(seeds), pairs, np.array(first)
    )


def kept_parts(mask: BitMask, parts: BitParts, keep: Bool) -> None:
    """Clear the parts that are not kept, in place.

    Args:
        mask: as it was when the parts were found.
        parts: of it.
        keep: `(P,)` bool.
    """
    stays = np.concatenate(([False], keep))[parts.of_label]
    for number, (top, band) in enumerate(mask.bands()):
        labels, count = components(band)
        start = int(parts.first[number])
        own = np.concatenate(([False], stays[start + 1 : start + 1 + count]))
        mask.write(top, own[labels])


def parts_with(mask: BitMask, parts: BitParts, seeds: BitMask) -> Bool:
    """Say which parts hold a pixel of another mask of the same size: `(P,)` bool."""
    found = np.zeros(len(parts) + 1, np.bool_)
    for number, (top, band) in enumerate(mask.bands()):
        labels, _ = components(band)
        start = int(parts.first[number])
        there = seeds.read(Window(0, top, mask.hw[1], top + len(band)))
        hit = np.unique(labels[there & band])
        found[parts.of_label[start + hit[hit > 0]]] = True
    return found[1:]


def one_part(mask: BitMask, parts: BitParts, number: int) -> tuple[Window, Bool]:
    """Return the window of one part and the part in it, `(h, w)` bool."""
    window = Window(*map(int, parts.bbox[number]))
    labels, _ = components(mask.read(window))
    x, y = parts.seed[number] - (window.x0, window.y0)
    return window, labels == labels[y, x]


def _measured(labels: NDArray[np.int32], count: int, top: int) -> tuple[Int, Int, Int]:
    """Box, area and first pixel of each label of a band whose first row is `top`."""
    from scipy import ndimage

    boxes = np.zeros((count, 4), np.int64)
    seeds = np.zeros((count, 2), np.int64)
    for index, (rows, columns) in enumerate(ndimage.find_objects(labels)):
        boxes[index] = columns.start, rows.start + top, columns.stop, rows.stop + top
        first = labels[rows.start, columns] == index + 1
        seeds[index] = columns.start + int(first.argmax()), rows.start + top
    return boxes, np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.int64), seeds


def _touching(above: NDArray[np.int64], below: NDArray[np.int64]) -> Int:
    """Pairs of labels `(N, 2)` that touch from one row to the next, also over a corner."""
    pairs = [(above, below), (above[1:], below[:-1]), (above[:-1], below[1:])]
    found = [np.stack([a, b], 1)[(a > 0) & (b > 0)] for a, b in pairs]
    return np.unique(np.concatenate(found), axis=0)


def _joined(boxes: Int, areas: Int, seeds: Int, links: Int, first: Int) -> BitParts:
    """Join the labels that touch over the edge of a band."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(areas)
    if not count:
        return BitParts(boxes, areas, seeds, np.zeros(1, np.int64), first)
    a, b = links.T - 1
    graph = coo_array((np.ones(len(links), np.bool_), (a, b)), shape=(count, count))
    _, owner = connected_components(graph, directed=False)
    # Numbered by their first pixel: bands run downwards, labels within one likewise.
    order = np.lexsort((seeds[:, 0], seeds[:, 1]))
    _, begin = np.unique(owner[order], return_index=True)
    ranks = np.empty(len(begin), np.int64)
    ranks[owner[order[np.sort(begin)]]] = np.arange(len(begin))
    part = ranks[owner]
    size = len(begin)
    low, high = np.full((size, 2), np.iinfo(np.int64).max), np.zeros((size, 2), np.int64)
    np.minimum.at(low, part, boxes[:, :2])
    np.maximum.at(high, part, boxes[:, 2:])
    area = np.zeros(size, np.int64)
    np.add.at(area, part, areas)
    seed = seeds[order[np.sort(begin)]]
    of_label = np.concatenate(([0], part + 1))
    return BitParts(np.concatenate([low, high], 1), area, seed, of_label, first)
