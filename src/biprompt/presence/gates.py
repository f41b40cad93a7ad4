"""Two gates that add up: the question names a known thing, and the thing is in this image.

The first is the resolver's probability (`Part.probability`), the second the presence score of the
model. An expert without one (EVF-SAM) gets an estimate from how its mask looks (`Signs`).
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.presence.calibration import Logistic
from biprompt.presence.probability import presence_probability

ESTIMATE = Path(__file__).parent / "data" / "estimate.toml"
SIGNS = ("agreement", "log_area", "compactness", "predicted_iou", "similarity")


@dataclass(frozen=True)
class GateAnswer:
    """What both gates say together.

    Attributes:
        passed: whether both let the question through.
        probability: 0 to 1, P(names a known thing) * P(it is in the image).
        reason: one sentence for a person; of a refusal, which gate it was.
    """

    passed: bool
    probability: float
    reason: str


def both_gates(
    named: float,
    seen: float,
    *,
    named_from: float = 0.5,
    seen_from: float = 0.5,
    estimated: bool = False,
) -> GateAnswer:
    """Put both gates together; a question has to pass each of them.

    Args:
        named: P(the question names a known thing).
        seen: P(the thing is in this image), given that it is known.
        named_from: threshold of the first.
        seen_from: threshold of the second.
        estimated: whether `seen` was estimated from the mask.

    Raises:
        InputError: one of them is not from 0 to 1.
    """
    for what, value in (("named", named), ("seen", seen)):
        if not 0 <= value <= 1:
            raise InputError(what, expected="a probability from 0 to 1", actual=value)
    how = "estimated from the mask" if estimated else "the model's presence score"
    if named < named_from:
        reason = f"The question names no known thing (probability {named:.2f})."
    elif seen < seen_from:
        reason = f"The thing is known and not in this image ({how}, {seen:.2f} < {seen_from:g})."
    else:
        reason = f"The thing is known ({named:.2f}) and in this image ({how}, {seen:.2f})."
    return GateAnswer(named >= named_from and seen >= seen_from, named * seen, reason)


@dataclass(frozen=True)
class Signs:
    """How the mask of a text expert looks, for a presence score that it does not give.

    Attributes:
        agreement: 0 to 1, IoU of the mask with the best mask of another expert for the same thing
            or with the expert's own mask for the same thing in other words.
        area: share of the image, 0 to 1.
        compactness: 4 pi area / perimeter^2 of the mask, 0 to 1; a disc has 1.
        predicted_iou: the expert's own estimate, 0 to 1.
        similarity: cosine of the question with the concept it was resolved to, -1 to 1.
    """

    agreement: float
    area: float
    compactness: float
    predicted_iou: float
    similarity: float

    @classmethod
    def of(
        cls,
        mask: npt.NDArray[np.bool_],
        *,
        agreement: float,
        predicted_iou: float,
        similarity: float = 1.0,
    ) -> Signs:
        """Measure a mask, (H, W) bool."""
        share = float(np.count_nonzero(mask)) / mask.size
        return cls(agreement, share, compactness(mask), predicted_iou, similarity)

    @property
    def values(self) -> tuple[float, ...]:
        """The inputs of the estimate, in the order of SIGNS."""
        log_area = math.log10(max(self.area, 1e-6))
        return (self.agreement, log_area, self.compactness, self.predicted_iou, self.similarity)


def compactness(mask: npt.NDArray[np.bool_]) -> float:
    """Return 4 pi A / P^2 of a mask, (H, W) bool, at most 1; 0 for an empty one.

    P counts the edges between mask and other pixels, edges of the image included, times pi / 4: so
    large discs have 1, whatever their size.
    """
    padded = np.pad(mask.astype(bool), 1)
    edges = int((padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum())
    if not edges:
        return 0.0
    return min(1.0, 4 * math.pi * int(mask.sum()) / (edges * math.pi / 4) ** 2)


def estimate_presence(signs: Signs, estimate: Logistic | None = None) -> float:
    """Return P(the thing is in the image) from how its mask looks.

    Args:
        signs: of the mask.
        estimate: coefficients for SIGNS; those in the package when left out.
    """
    if signs.area <= 0:
        return 0.0
    return presence_probability((estimate or packaged_estimate()).logit(signs.values))


@lru_cache(maxsize=1)
def packaged_estimate() -> Logistic:
    """Return the coefficients in the package; `benchmarks.refusal` fits them."""
    read = tomllib.loads(ESTIMATE.read_text("utf-8"))
    weights = tuple(float(read["weights"][name]) for name in SIGNS)
    return Logistic(SIGNS, weights, float(read["offset"]))
