"""Points that stand for a mask, for models that cannot start from one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

POINTS = 3
"""Points that stand for a mask."""

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]


def inner_points(mask: Bool, most: int = POINTS) -> Float64:
    """Middles of disks that fit into a mask, the largest first, none inside another's.

    Args:
        mask: ``(H, W)`` bool, at least one pixel.
        most: points to return at most.

    Returns:
        ``(N, 2)`` float64, ``(x, y)`` in pixels of the mask, N from 1 to `most`.
    """
    from scipy import ndimage

    depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    found: list[tuple[float, float]] = []
    deepest = float(depth.max())
    while len(found) < most and (radius := float(depth.max())) > deepest / 4:
        row, column = divmod(int(depth.argmax()), mask.shape[1])
        found.append((float(column), float(row)))
        depth[np.hypot(rows - row, columns - column) < 2 * radius] = 0.0
    return np.array(found, np.float64)
