"""From rows of any mixture to calls in which all rows are alike.

SAM attends to its padding points, so rows with fewer points must not be padded to the longest:
they go to the decoder in calls of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from biprompt.geometry import ModelFrame
from biprompt.models.sam.values import SamPrompts
from biprompt.runtime.base import Float, SpatialBatch, TextBatch

SURE = 1e-3
"""A mask to start from is taken as a probability between this and one less this."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a row holds."""

    points: int
    box: bool
    mask: bool
    text: bool

    @property
    def is_spatial(self) -> bool:
        """Whether it points at anything."""
        return bool(self.points or self.box or self.mask)


def groups(spatial: SpatialBatch, text: TextBatch | None) -> dict[Kind, NDArray[np.intp]]:
    """Rows by what they hold, in order."""
    found: dict[Kind, list[int]] = defaultdict(list)
    for row in range(len(spatial)):
        kind = Kind(
            int((spatial.labels[row] >= 0).sum()), bool(spatial.has_box[row]),
            bool(spatial.has_mask[row]), text is not None and bool(text.has_text[row]),
        )  # fmt: skip
        found[kind].append(row)
    return {kind: np.array(rows, np.intp) for kind, rows in found.items()}


def sam_prompts(
    kind: Kind,
    rows: NDArray[np.intp],
    spatial: SpatialBatch,
    text: TextBatch | None,
    *,
    seen: ModelFrame,
    frame: ModelFrame,
    device: torch.device,
) -> SamPrompts:
    """Rows that are alike, as the networks take them.

    Args:
        kind: what each of them holds.
        rows: which they are.
        spatial: what all rows point at, in the frame `seen`.
        text: what all rows name.
        seen: frame of `spatial`.
        frame: frame of the expert that answers.
        device: where to.
    """

    def tensor(array: Float) -> torch.Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(device)

    given: dict[str, torch.Tensor] = {}
    if kind.points:
        xy, labels = _points(spatial, rows, kind.points)
        given["points"] = tensor(_network_points(xy, seen, frame))
        given["labels"] = torch.from_numpy(labels).to(device)
    if kind.box:
        given["boxes"] = tensor(_moved(spatial.box[rows].reshape(-1, 2, 2), seen, frame))
        given["boxes"] = given["boxes"].flatten(1)
    if kind.mask:
        given["masks"] = tensor(_logits(spatial.mask[rows]))
    if kind.text and text is not None:
        given["text"] = tensor(text.state["tokens"][rows])
    return SamPrompts(**given)


def _points(
    spatial: SpatialBatch, rows: NDArray[np.intp], count: int
) -> tuple[Float, NDArray[np.int64]]:
    """The points of rows that have as many: ``(N, K, 2)`` and labels ``(N, K)``."""
    used = spatial.labels[rows] >= 0
    xy = spatial.xy[rows][used].reshape(len(rows), count, 2)
    return xy, spatial.labels[rows][used].reshape(len(rows), count).astype(np.int64)


def _moved(xy: Float, seen: ModelFrame, frame: ModelFrame) -> Float:
    if seen == frame:
        return xy
    return frame.scale_points(seen.unscale_points(xy)).astype(np.float32)


def _network_points(xy: Float, seen: ModelFrame, frame: ModelFrame) -> Float:
    """Middles of pixels as the networks expect them: the pixel's index, scaled.

    A network adds half a pixel of its own frame, whatever the scale is, so a middle must lose half
    a pixel of the original image.
    """
    half = 0.5 * np.array(frame.scale_xy)
    return np.asarray(_moved(xy, seen, frame) - half, np.float32)


def _logits(mask: Float) -> Float:
    """Probabilities as logits, at most 6.9 from zero."""
    p = np.clip(mask, SURE, 1.0 - SURE)
    return np.asarray(np.log(p) - np.log1p(-p), np.float32)
