"""Many masks as one array, without a copy where they are one already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stacked(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Return masks (H, W) as (K, H, W): what `numpy.stack` gives, perhaps sharing their memory.

    Args:
        masks: at least one, all of one size. Where they are the consecutive rows of one array, as
            a decoder makes them, that array's part is returned; treat it as read-only.
    """
    first = masks[0]
    whole = first.base
    if isinstance(whole, np.ndarray) and whole.ndim == 3 and whole.flags.c_contiguous:
        step, start = first.nbytes, first.ctypes.data
        begin, rest = divmod(start - whole.ctypes.data, step) if step else (0, 1)
        along = all(
            mask.base is whole and mask.shape == first.shape and mask.flags.c_contiguous
            and mask.ctypes.data == start + place * step
            for place, mask in enumerate(masks)
        )  # fmt: skip
        if along and rest == 0 and whole.shape[1:] == first.shape and whole.dtype == first.dtype:
            return whole[begin : begin + len(masks)]
    return np.stack(masks)
