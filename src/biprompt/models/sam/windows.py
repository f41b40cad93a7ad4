"""Maps cut into square windows, and put together again."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def cut(x: Tensor, side: int) -> Tensor:
    """Cut maps into windows; zeros fill the last ones on the right and at the bottom.

    Args:
        x: ``(B, H, W, C)``.
        side: of a window, in cells.

    Returns:
        ``(B * rows * columns, side, side, C)``, where `rows` and `columns` are ``H / side`` and
        ``W / side`` rounded up.
    """
    b, h, w, c = x.shape
    rows, columns = _covering(h, side), _covering(w, side)
    x = F.pad(x, (0, 0, 0, columns * side - w, 0, rows * side - h))
    x = x.view(b, rows, side, columns, side, c).transpose(2, 3)
    return x.reshape(-1, side, side, c)


def join(windows: Tensor, hw: tuple[int, int]) -> Tensor:
    """Undo `cut`: ``(B * rows * columns, side, side, C)`` to ``(B, H, W, C)`` for ``hw`` H, W."""
    side, c = windows.shape[1], windows.shape[3]
    rows, columns = _covering(hw[0], side), _covering(hw[1], side)
    x = windows.view(-1, rows, columns, side, side, c).transpose(2, 3)
    return x.reshape(-1, rows * side, columns * side, c)[:, : hw[0], : hw[1]]


def _covering(length: int, side: int) -> int:
    """How many windows cover a length. Without negative numbers: ONNX divides them otherwise."""
    return (length + side - 1) // side
