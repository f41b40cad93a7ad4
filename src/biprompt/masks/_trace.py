"""The outline of a mask on the edges of its pixels, and how its rings lie beside each other.

The outline's corners lie where one or three of the four pixels around a grid point are set. In
every grid row, consecutive corners bound a horizontal piece of the outline; in every grid column,
a vertical one: the rings follow by alternating between the two. Where two set pixels touch only
over a corner, the grid point is a corner twice, and the outline keeps to the same set pixel: parts
are connected over sides. Where that leads one ring through such a point twice, the ring is split
there, so that no ring ever touches itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.masks.shapes import bbox_xyxy

Index = NDArray[np.intp]
Flags = NDArray[np.bool_]

MAX_CORNERS = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Rings:
    """The rings of an outline, in raster order of their first edge.

    A ring alternates between horizontal and vertical edges; set pixels lie to the right of its
    direction, so an outer ring goes clockwise on a screen and a hole the other way. Looking left
    from the top of a ring's leftmost edge, along the row of pixels below, one meets the edge of
    another ring, or nothing.

    Attributes:
        xy: `(V, 2)` int32 corners `(x, y)` of all rings, one ring after the other.
        begin: `(R + 1,)` where each ring begins in `xy`; the last is V.
        outer: `(R,)` bool, False for a hole.
        owner: `(R,)` the outer ring around the same connected pixels; its own number for those.
        top: `(R,)` the corner (index into `xy`) at the top of the ring's leftmost edge.
        met: `(R,)` the corner at which the edge met on the left begins; -1 for nothing.
        met_x: `(R,)` where that edge lies.
    """

    xy: NDArray[np.int32]
    begin: Index
    outer: Flags
    owner: Index
    top: Index
    met: Index
    met_x: Index

    def ring_of(self, corners: Index) -> Index:
        """Return the number of the ring that each corner (index into `xy`) belongs to."""
        return np.searchsorted(self.begin, corners, side="right") - 1


def trace(mask: NDArray[np.bool_]) -> Rings:
    """Return the rings of a `(H, W)` bool mask; none for an empty one.

    Raises:
        InputError: the outline has more than MAX_CORNERS corners.
    """
    x0, y0, x1, y1 = bbox_xyxy(mask)
    padded = np.pad(mask[y0:y1, x0:x1], 1)
    corners = _corners(padded)
    edges = _simple_edges(corners)
    order, begin = _walk(corners, edges)
    # Start and end of every horizontal edge: between them run the vertical ones.
    corner = np.stack([edges[order], edges[order] ^ 1], axis=1).ravel()
    xy = np.stack([corners.x[corner], corners.y[corner]], axis=1)
    return _placed(xy, 2 * begin, (x0, y0))


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """Corners in raster order: 2k and 2k + 1 bound a horizontal edge.

    Attributes:
        x, y: grid point.
        rightward: `(C / 2,)` whether set pixels lie below the edge, so that it leads right.
        twin: index of the first of two corners at one grid point, for each such point.
        late: 1 where, of two corners at one grid point, this one belongs to the edge below.
    """

    x: Index
    y: Index
    rightward: Flags
    twin: Index
    late: NDArray[np.uint8]


def _corners(padded: Flags) -> _Corners:
    steps = padded[:, 1:] != padded[:, :-1]
    turns = steps[1:] != steps[:-1]
    crossing = steps[1:] & steps[:-1] & (padded[1:, :-1] != padded[:-1, :-1])
    flat = np.flatnonzero(turns | crossing)
    double = crossing.ravel()[flat]
    total = flat.size + int(np.count_nonzero(double))
    if total > MAX_CORNERS:
        expected = f"at most {MAX_CORNERS} corners; run lengths and PNG hold any mask"
        raise InputError("outline of the mask", expected=expected, actual=f"{total} corners")
    place = np.repeat(flat, 1 + double)
    y, x = np.divmod(place, turns.shape[1])
    first = np.flatnonzero(place[1:] == place[:-1])
    late = np.zeros(total, np.uint8)
    # Around the upper right pixel and the lower left one, or around the other two.
    rising = padded[y[first], x[first] + 1]
    late[first], late[first + 1] = rising, ~rising
    return _Corners(x, y, padded[y[::2] + 1, x[::2] + 1], first, late)


def _simple_edges(corners: _Corners) -> Index:
    """Return the corner at which each horizontal edge starts; flips `late` where a ring splits."""
    lefts = 2 * np.arange(corners.rightward.size)
    starts = np.where(corners.rightward, lefts, lefts + 1)
    if corners.twin.size:
        order, begin = _walk(corners, starts)
        ring = np.empty(starts.size, np.intp)
        ring[order] = np.repeat(np.arange(begin.size - 1), np.diff(begin))
        # The places where a ring meets itself are nested, so all can be split at once.
        same = corners.twin[ring[corners.twin >> 1] == ring[(corners.twin + 1) >> 1]]
        corners.late[same] ^= 1
        corners.late[same + 1] ^= 1
    return starts


def _walk(corners: _Corners, starts: Index) -> tuple[Index, Index]:
    """Return the horizontal edges ring by ring, and where each ring begins."""
    order = np.lexsort((corners.late, corners.y, corners.x))
    across = np.empty_like(order)
    across[order[::2]], across[order[1::2]] = order[1::2], order[::2]
    following: list[int] = (across[starts ^ 1] >> 1).tolist()
    seen = bytearray(len(following))
    edges: list[int] = []
    begin = [0]
    for first in range(len(following)):
        if seen[first]:
            continue
        edge = first
        while not seen[edge]:
            seen[edge] = 1
            edges.append(edge)
            edge = following[edge]
        begin.append(len(edges))
    return np.array(edges, np.intp), np.array(begin, np.intp)


def _placed(xy: Index, begin: Index, offset: tuple[int, int]) -> Rings:
    """Find which rings are holes, whose, and what lies left of each."""
    numbers = np.arange(begin.size - 1)
    x, y = xy.T
    # Vertical edges lead from the end of each horizontal edge to the start of the ring's next one.
    tail = np.arange(1, len(xy), 2)
    head = tail + 1
    head[begin[1:] // 2 - 1] = begin[:-1]
    ring = np.repeat(numbers, np.diff(begin) // 2)
    leftmost, met = _left_neighbours(x[tail], np.stack([y[tail], y[head]]), ring, begin // 2)
    low, high = tail[leftmost], head[leftmost]
    outer = y[low] > y[high]
    owner = np.where(outer, numbers, ring[met])
    while not np.array_equal(owner, owner[owner]):
        owner = owner[owner]
    return Rings(
        xy=(xy + np.array(offset)).astype(np.int32),
        begin=begin,
        outer=outer,
        owner=owner,
        top=np.where(outer, high, low),
        met=np.where(met >= 0, tail[met], -1),
        met_x=x[tail[met]] + offset[0],
    )


def _left_neighbours(x: Index, ends: Index, ring: Index, begin: Index) -> tuple[Index, Index]:
    """Return each ring's leftmost vertical edge, and the edge met left of its top or -1.

    Args:
        x: `(E,)` where the vertical edges lie.
        ends: `(2, E)` rows between which they run, in either order.
        ring: `(E,)` the ring of each.
        begin: `(R + 1,)` where the edges of each ring begin.
    """
    above, below = ends.min(axis=0), ends.max(axis=0)
    leftmost = np.lexsort((above, x, ring))[begin[:-1]]
    # Every pixel side of the vertical edges, row by row and from left to right.
    height = below - above
    edge = np.repeat(np.arange(x.size), height)
    row = np.arange(edge.size) - np.repeat(np.cumsum(height) - height, height) + above[edge]
    width = int(x.max(initial=0)) + 1
    place = row * width + x[edge]
    order = np.argsort(place)
    mine = np.searchsorted(place[order], above[leftmost] * width + x[leftmost])
    left = order[np.maximum(mine - 1, 0)]
    there = (mine > 0) & (row[left] == above[leftmost])
    return leftmost, np.where(there, edge[left], -1)
