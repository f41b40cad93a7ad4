"""Whether a drawn mask should be replaced by a refined one: never, unless that is surely better.

Ours. A model refines a coarse drawing well and spoils an exact one, and does not say which it was
given. What tells them apart: how far the refinement moves the outline, how sure the model is, how
well its own refinements agree, and how much closer to the edges of the photograph the new outline
runs than the drawn one. How the weights were fitted: `benchmarks.drawn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from biprompt.errors import WeightsError
from biprompt.masks import bbox_xyxy, iou_matrix
from biprompt.selection._checks import BoolArray, FloatArray

LEAST_GAIN = 0.1
"""Expected gain in IoU under which what was drawn stays."""
NAMES = (
    "like the drawing", "like the drawing, squared", "score", "agreement", "stability",
    "on edges", "on edges, gained", "drawing on edges", "outline, gained", "drawing's outline",
    "size", "size, apart", "score and like the drawing", "mean like the drawing", "best score",
    "with a box", "box alone", "clear", "one",
)  # fmt: skip
"""What speaks for a refinement, in order."""
FILE = "keeping.npz"
_SIDE = 640
_HIGH, _LOW = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1))
_UNSURE = 0.9
_BAND = 5


@dataclass(frozen=True, slots=True, eq=False)
class Keeper:
    """Expected gain of a refinement, linear in what speaks for it."""

    weights: FloatArray

    def gains(self, spoken: FloatArray) -> FloatArray:
        """Expected gain in IoU over the drawing, ``(K,)``, from ``(K, len(NAMES))``.

        It is never more than can be: where the refinement is the truth itself, it gains what it
        differs from the drawing.
        """
        most = 1.0 - spoken[:, NAMES.index("like the drawing")]
        return np.asarray(np.minimum(spoken @ self.weights, most))


@lru_cache(maxsize=1)
def keeper() -> Keeper:
    """Return the fitted weights of this package; WeightsError where they do not fit it."""
    with (resources.files("biprompt.selection") / FILE).open("rb") as file, np.load(file) as kept:
        names = tuple(str(name) for name in kept["names"])
        if names != NAMES:
            raise WeightsError("keeper", expected=", ".join(NAMES), actual=", ".join(names))
        return Keeper(kept["weights"])


def refinement_evidence(
    masks: BoolArray,
    scores: npt.ArrayLike,
    softs: Sequence[npt.NDArray[np.float32] | None],
    origins: Sequence[tuple[str, bool]],
    drawn: BoolArray,
    image: npt.NDArray[np.uint8],
) -> FloatArray:
    """Return what speaks for each refinement of a drawn mask.

    Args:
        masks: ``(K, H, W)`` bool refinements, K at least 1.
        scores: ``(K,)`` predicted IoU.
        softs: the masks as the model gave them, in [0, 1]; None without.
        origins: "mask", "mask and box" or "box" it was made from, and whether it is the mask for
            clear prompts.
        drawn: ``(H, W)`` bool, at least one pixel.
        image: ``(H, W, 3)`` uint8.

    Returns:
        ``(K, len(NAMES))`` float64.
    """
    every = np.concatenate([masks, drawn[None]])
    small, edges = _looked_at(every, image)
    likeness = iou_matrix(every, drawn[None])[:-1, 0]
    values = np.asarray(scores, np.float64)
    on_edges = np.array([_on_edges(mask, edges) for mask in small])
    outlines = np.array([_outline(mask) for mask in small])
    areas = np.maximum(every.sum((1, 2)), 1)
    size = np.log(areas[:-1] / areas[-1])
    count = len(masks)
    return np.stack([
        likeness, likeness**2, values, iou_matrix(masks, masks).mean(1),
        np.array([_stability(soft) for soft in softs]),
        on_edges[:-1], on_edges[:-1] - on_edges[-1], np.full(count, on_edges[-1]),
        outlines[:-1] - outlines[-1], np.full(count, outlines[-1]),
        size, abs(size), values * likeness, np.full(count, likeness.mean()),
        np.full(count, values.max()),
        *(np.array([float(origin == kind) for origin, _ in origins])
          for kind in ("mask and box", "box")),
        np.array([float(clear) for _, clear in origins]), np.ones(count),
    ], 1)  # fmt: skip


def _looked_at(
    masks: BoolArray, image: npt.NDArray[np.uint8]
) -> tuple[BoolArray, npt.NDArray[np.float32]]:
    """Masks and the strength of the photograph's edges, cut to where they matter and thinned."""
    from scipy import ndimage

    h, w = masks.shape[1:]
    step = -(-max(h, w) // _SIDE)
    x0, y0, x1, y1 = bbox_xyxy(masks.any(0))
    margin = 3 * _BAND * step
    cut = (slice(max(0, y0 - margin), min(h, y1 + margin), step),
           slice(max(0, x0 - margin), min(w, x1 + margin), step))  # fmt: skip
    grey = image[cut].mean(2, dtype=np.float32)
    return masks[(slice(None), *cut)], ndimage.gaussian_gradient_magnitude(grey, 1.0)


def _border(mask: BoolArray) -> BoolArray:
    from scipy import ndimage

    return np.asarray(mask ^ ndimage.binary_erosion(mask, border_value=1))


def _on_edges(mask: BoolArray, edges: npt.NDArray[np.float32]) -> float:
    """Mean strength of the edges along the outline over that in a band around it."""
    from scipy import ndimage

    border = _border(mask) | _border(~mask)
    if not border.any():
        return 0.0
    band = ndimage.binary_dilation(border, iterations=_BAND)
    return float(edges[border].mean() / (edges[band].mean() + 1e-6))


def _outline(mask: BoolArray) -> float:
    """Length of the outline over the root of the area: 3.5 for a disk, more for a frayed mask."""
    return float(_border(mask).sum() / np.sqrt(mask.sum() + 1))


def _stability(soft: npt.NDArray[np.float32] | None) -> float:
    if soft is None:
        return _UNSURE
    return float((soft > _HIGH).sum() / max(int((soft > _LOW).sum()), 1))
