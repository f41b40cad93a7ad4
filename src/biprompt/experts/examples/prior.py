"""Where an image resembles examples: the prior map.

PFENet's training-free prior (Tian et al., survey section 20.1, "Similarity Fusion"): every place of
the image by its cosine to the marked places of the example. Here the few best of them count, not
the single best one; the cosine to the masked average is added; and what resembles the surroundings
of the thing, or a negative example, as much, counts for nothing: similarities are taken as
differences, so that 0 means "as much like the thing as like anything else".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.experts.examples.support import Support, unit
from biprompt.runtime.base import Float

NEIGHBOURS = 5
"""Places of the example that count for one of the image."""
SOFTNESS = 0.1
"""Difference of similarities that a probability of 0.73 stands for."""


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """How much more each place resembles what is meant than what is not.

    Attributes:
        lead: ``(h, w)`` float32, about -1 to 1.
        places: ``(C, h * w)`` float32, unit vectors of the image.
        level: lead from which a place counts as the thing.
    """

    lead: Float
    places: Float
    level: float

    @property
    def soft(self) -> Float:
        """``(h, w)`` float32 in [0, 1]."""
        return np.asarray(0.5 + 0.5 * np.tanh((self.lead - self.level) / (2 * SOFTNESS)))

    @property
    def likely(self) -> NDArray[np.bool_]:
        """``(h, w)`` bool, the places that count as the thing, at least one."""
        return np.asarray(self.lead >= min(self.level, float(self.lead.max())))

    def tightened(self) -> Prior:
        """The same with a higher level, which parts the likely places once more."""
        return replace(self, level=otsu(self.lead[self.likely]))


def prior_map(features: Float, support: Support) -> Prior:
    """Compare an image with examples.

    Args:
        features: ``(C, h, w)`` float32 of the image, see `Runtime.dense`.
        support: what the examples show, with features of the same model.
    """
    hw = (features.shape[1], features.shape[2])
    places = unit(features.reshape(len(features), -1))
    average = support.prototype @ places - (support.contrasts.T @ places).max(0)
    near = similarity_prior(support.meant, places) - similarity_prior(support.other, places)
    lead = ((average + near) / 2).reshape(hw).astype(np.float32)
    return Prior(lead, places, otsu(lead))


def similarity_prior(shown: Float, places: Float, count: int = NEIGHBOURS) -> Float:
    """The mean cosine of each place to the most similar shown ones.

    PFENet takes the single best (`count` 1) and stretches the map to [0, 1] afterwards.

    Args:
        shown: ``(C, n)`` unit vectors; n may be 0.
        places: ``(C, m)`` unit vectors.
        count: how many count.

    Returns:
        ``(m,)`` float32; 0 where nothing is shown.
    """
    if shown.shape[1] == 0:
        return np.zeros(places.shape[1], np.float32)
    alike, most = shown.T @ places, min(count, shown.shape[1])
    best = np.partition(alike, len(alike) - most, axis=0)[len(alike) - most :]
    return np.asarray(best.mean(0), np.float32)


def otsu(values: Float, bins: int = 64) -> float:
    """The level that parts numbers into two groups best (Otsu 1979: greatest variance between).

    Args:
        values: any shape.
        bins: levels that are tried.
    """
    counts, edges = np.histogram(values, bins)
    middles = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts).astype(np.float64)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[int(np.nan_to_num(apart).argmax()) + 1])
