"""Which phrase is true of which object: order, size, colour and relation in one image.

Everything here answers None or "no" unless it is clear by a margin; an object that a person
could argue about gets no phrase.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from biprompt.data.colours import close_colours

MARGIN = 0.06
AREA_RATIO = 1.5
LEFT, TOP = 0, 1
_SIDE = 0.36
_MIDDLE = 0.12


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One labelled mask of an image.

    Attributes:
        label: the label's name.
        box_xyxy: (x0, y0, x1, y1) in pixels of the (augmented) image.
        area: mask area in pixels.
        colour: colour name when it is certain.
        thing: whether the mask shows one instance; False: it holds all of the class.
        many: whether a mask that is not a thing usually holds several instances.
    """

    label: str
    box_xyxy: tuple[float, ...]
    area: float
    colour: str | None = None
    thing: bool = True
    many: bool = False


class Layout:
    """The objects of one image, with their centres and boxes in fractions of its sides.

    Attributes:
        objects: the objects, in the caller's order.
        centres: (x, y) of each box centre, in 0..1.
        boxes: (x0, y0, x1, y1) of each box, in 0..1.
    """

    __slots__ = ("_aspect", "boxes", "centres", "objects")

    def __init__(self, objects: Sequence[SceneObject], hw: tuple[int, int]) -> None:
        """Measure `objects` in an image of size `hw`."""
        h, w = hw
        self.objects = tuple(objects)
        self._aspect = (w, h, math.hypot(w, h))
        self.boxes = [
            (o.box_xyxy[0] / w, o.box_xyxy[1] / h, o.box_xyxy[2] / w, o.box_xyxy[3] / h)
            for o in objects
        ]
        self.centres = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in self.boxes]

    def extreme(self, group: Sequence[int], i: int, axis: int, low: bool) -> bool:
        """Return whether `i` clearly lies furthest to one side of `group`.

        Its centre must lead by the margin and no other box may reach further to that side.
        """
        sign, edge = (1, axis) if low else (-1, axis + 2)
        mine, reach = sign * self.centres[i][axis], sign * self.boxes[i][edge]
        return all(
            mine + MARGIN <= sign * self.centres[j][axis] and reach <= sign * self.boxes[j][edge]
            for j in group
            if j != i
        )

    def on_side(self, i: int, axis: int, low: bool) -> bool:
        """Return whether `i` clearly lies on one side of the image."""
        centre, near, far = self.centres[i][axis], self.boxes[i][axis], self.boxes[i][axis + 2]
        return centre <= _SIDE and far <= 0.6 if low else centre >= 1 - _SIDE and near >= 0.4

    def in_middle(self, group: Sequence[int], i: int) -> bool:
        """Return whether `i` is the one in the middle of `group`, or of the image when alone."""
        x, y = self.centres[i]
        if len(group) == 1:
            return abs(x - 0.5) <= _MIDDLE and abs(y - 0.5) <= _MIDDLE
        others = [self.centres[j][0] for j in group if j != i]
        left = sum(o + MARGIN <= x for o in others)
        right = sum(o - MARGIN >= x for o in others)
        nearest = all(abs(x - 0.5) + MARGIN <= abs(o - 0.5) for o in others)
        return len(group) % 2 == 1 and left == right == len(others) // 2 and nearest

    def nearest(self, group: Sequence[int], i: int) -> bool:
        """Return whether `i` seems nearest to the camera: lowest foot and by far the largest."""
        bottom = self.boxes[i][3]
        return self.largest(group, i) and all(
            bottom >= self.boxes[j][3] + MARGIN / 2 for j in group if j != i
        )

    def rank(self, group: Sequence[int], i: int, low: bool) -> int | None:
        """Return the place of `i` from the left (`low`) or right, 0 first; None when unclear."""
        sign = 1 if low else -1
        order = sorted(group, key=lambda j: sign * self.centres[j][0])
        place = order.index(i)
        first = [self.centres[j][0] for j in order[: place + 2]]
        gaps = (abs(b - a) for a, b in pairwise(first))
        return place if all(gap >= MARGIN for gap in gaps) else None

    def largest(self, group: Sequence[int], i: int) -> bool:
        """Return whether the mask of `i` is over 1.5 times as large as any other of `group`."""
        mine = self.objects[i].area
        return all(mine > AREA_RATIO * self.objects[j].area for j in group if j != i)

    def smallest(self, group: Sequence[int], i: int) -> bool:
        """Return whether every other mask of `group` is over 1.5 times as large as that of `i`."""
        mine = self.objects[i].area
        return all(self.objects[j].area > AREA_RATIO * mine for j in group if j != i)

    def of_colour(self, group: Sequence[int], colour: str) -> list[int] | None:
        """Return the members of `group` that are `colour`; None when any of them is unclear."""
        found = []
        for j in group:
            other = self.objects[j].colour
            if other == colour:
                found.append(j)
            elif other is None or close_colours(other, colour):
                return None
        return found

    def beside(self, i: int, anchor: int, axis: int, low: bool) -> bool | None:
        """Return whether `i` is left of (axis 0, low) or above (axis 1, low) `anchor`.

        True: beyond the anchor's edge and level with it; False: its centre is not on that side;
        None: something between the two.
        """
        sign, edge = (1, axis) if low else (-1, axis + 2)
        box, base = self.boxes[i], self.boxes[anchor]
        centre = sign * self.centres[i][axis]
        if centre >= sign * self.centres[anchor][axis] + MARGIN / 2:
            return False
        cross = 1 - axis
        shared = min(box[cross + 2], base[cross + 2]) - max(box[cross], base[cross])
        far = sign * box[axis + 2 if low else axis]
        beyond = centre + MARGIN / 2 <= sign * base[edge] and far <= sign * base[edge] + MARGIN / 2
        return True if beyond and shared > 0 else None

    def gap(self, i: int, j: int) -> float:
        """Return the distance between two boxes as a part of the image's diagonal."""
        w, h, diagonal = self._aspect
        a, b = self.boxes[i], self.boxes[j]
        dx = max(0.0, max(a[0], b[0]) - min(a[2], b[2])) * w
        dy = max(0.0, max(a[1], b[1]) - min(a[3], b[3])) * h
        return math.hypot(dx, dy) / diagonal
