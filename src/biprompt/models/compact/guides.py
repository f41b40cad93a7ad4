"""What the decoder sees of a prompt: soft maps of clicks and boxes, and similarity to queries.

Maps are computed in float32 whatever the autocast, because small differences of distances matter.
Coordinates are model-frame pixels, ``(x, y)``, with pixel ``i`` covering ``[i, i + 1)``.
"""

from __future__ import annotations

import torch
from torch import Tensor

NARROW = 5.0
"""Standard deviation, in model pixels, of the map that says exactly where a click is."""
WIDE = 32.0
"""... and of the map that says which neighbourhood it means."""


def centres(count: int, stride: int, device: torch.device) -> Tensor:
    """Centres of ``count`` cells of ``stride`` pixels, ``(count,)`` float32 in pixels."""
    return (torch.arange(count, device=device, dtype=torch.float32) + 0.5) * stride


def gaussians(xy: Tensor, hw: tuple[int, int], stride: int, sigma: float) -> Tensor:
    """One Gaussian per point, peak 1.

    Args:
        xy: ``(P, N, 2)``.
        hw: cells of the map.
        stride: pixels per cell.
        sigma: standard deviation in pixels.

    Returns:
        ``(P, N, h, w)``.
    """
    h, w = hw
    scale = -0.5 / sigma**2
    along_x = torch.exp(scale * (xy[..., 0, None] - centres(w, stride, xy.device)) ** 2)
    along_y = torch.exp(scale * (xy[..., 1, None] - centres(h, stride, xy.device)) ** 2)
    return along_y[..., :, None] * along_x[..., None, :]


def click_maps(xy: Tensor, labels: Tensor, hw: tuple[int, int], stride: int) -> Tensor:
    """Narrow and wide maps of the adding and of the removing clicks.

    Args:
        xy: ``(P, N, 2)``.
        labels: ``(P, N)``; 1 adds, 0 removes, -1 is padding.
        hw: cells of the map.
        stride: pixels per cell.

    Returns:
        ``(P, 4, h, w)``: adding narrow, adding wide, removing narrow, removing wide.
    """
    add = (labels == 1).float()[..., None, None]
    remove = (labels == 0).float()[..., None, None]
    narrow, wide = (gaussians(xy, hw, stride, sigma) for sigma in (NARROW, WIDE))
    maps = [(spread * kind).amax(1) for kind in (add, remove) for spread in (narrow, wide)]
    return torch.stack(maps, 1)


def box_map(box: Tensor, hw: tuple[int, int], stride: int) -> Tensor:
    """1 inside the box, -1 outside, with a soft edge one cell wide.

    Args:
        box: ``(P, 4)`` xyxy.
        hw: cells of the map.
        stride: pixels per cell.

    Returns:
        ``(P, 1, h, w)``.
    """
    h, w = hw
    x, y = centres(w, stride, box.device), centres(h, stride, box.device)
    left, top, right, bottom = (box[:, i, None] for i in range(4))
    across = torch.minimum(x - left, right - x)
    down = torch.minimum(y - top, bottom - y)
    inside = torch.minimum(across[:, None, None, :], down[:, None, :, None])
    return (inside / stride).clamp(-0.5, 0.5) * 2.0


def pool_at(features: Tensor, xy: Tensor, stride: int, sigma: float) -> Tensor:
    """Features around each point, Gaussian-weighted.

    Args:
        features: ``(P, C, h, w)``.
        xy: ``(P, N, 2)``.
        stride: pixels per cell of ``features``.
        sigma: standard deviation in pixels.

    Returns:
        ``(P, N, C)``.
    """
    weight = gaussians(xy, (features.shape[2], features.shape[3]), stride, sigma).flatten(2)
    weight = weight / (weight.sum(-1, keepdim=True) + 1e-6)
    return weight @ features.float().flatten(2).transpose(1, 2)


def pool_inside(features: Tensor, mask: Tensor) -> Tensor:
    """Mean feature under a soft mask.

    Args:
        features: ``(P, C, h, w)``.
        mask: ``(P, 1, h, w)``, not negative.

    Returns:
        ``(P, C)``.
    """
    weight = mask.flatten(2)
    total = weight @ features.float().flatten(2).transpose(1, 2)
    return total[:, 0] / (weight.sum(-1) + 1e-3)


def similarity(query: Tensor, key: Tensor, heads: int) -> Tensor:
    """Cosine of each query with the key at every position, per head.

    Args:
        query: ``(P, N, heads * d)``, of any length.
        key: ``(P, heads * d, h, w)``, each head of unit length.
        heads: how many.

    Returns:
        ``(P, N, heads, h, w)`` in [-1, 1].
    """
    p, n, c = query.shape
    h, w = key.shape[2], key.shape[3]
    query = query.reshape(p, n, heads, c // heads).float()
    query = query / torch.sqrt((query * query).sum(-1, keepdim=True) + 1e-6)
    split = key.float().reshape(p, heads, c // heads, h * w)
    maps = query.transpose(1, 2) @ split  # (P, heads, N, h*w)
    return maps.transpose(1, 2).reshape(p, n, heads, h, w)


def nearest_similarity(maps: Tensor, chosen: Tensor) -> Tensor:
    """The largest similarity over the chosen points; -1 where none is chosen.

    Args:
        maps: ``(P, N, heads, h, w)``.
        chosen: ``(P, N)`` bool.

    Returns:
        ``(P, heads, h, w)``.
    """
    keep = chosen.float()[:, :, None, None, None]
    return (maps * keep + (keep - 1.0)).amax(1)
