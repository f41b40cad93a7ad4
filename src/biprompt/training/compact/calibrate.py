"""What held-out photographs say of a trained model's outputs: where to cut, and how sure it is.

A mask of words alone comes out timid, because training also shows it things that are not there;
the cut that gives the best mean IoU on held-out photographs mends that. The presence score becomes
a probability by Platt's fit, with things that are there and things that are not weighing the same,
so that one half is where both kinds of error balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

if TYPE_CHECKING:
    from biprompt.models.compact import CompactModel
    from biprompt.training.compact.photos import Folder
    from biprompt.training.compact.validate import Validator

CUTS = np.arange(-3.0, 1.01, 0.25)
"""Logits at which a mask of words alone may be cut."""
MIN_SCALE, MAX_SCALE = 0.1, 10.0
"""A fit outside says more of too few photographs than of the model."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What an exported model adds to the trained one.

    Attributes:
        text_cut: logit at which a mask of words alone is cut.
        presence_scale: the presence logit is multiplied by this ...
        presence_bias: ... and this is added.
    """

    text_cut: float = 0.0
    presence_scale: float = 1.0
    presence_bias: float = 0.0

    def to_dict(self) -> dict[str, float]:
        """The fields as plain values."""
        return asdict(self)


@torch.no_grad()
def calibrate(model: CompactModel, validator: Validator, folder: Folder) -> Calibration:
    """Fits the calibration on held-out photographs whose labels are all known.

    Args:
        model: trained, in evaluation mode.
        validator: asks it.
        folder: held-out photographs.
    """
    names = validator.readable(sorted(folder.labels))
    overlap: list[NDArray[np.float64]] = []
    logits: list[float] = []
    there: list[bool] = []
    for photo in folder.photos:
        view = validator.look(model, photo)
        shown = {a.label for a in photo.source.annotations}
        logits += validator.presence(model, view, names)
        there += [name in shown for name in names]
        for name in sorted(shown.intersection(names)):
            kind = [a for a in photo.source.annotations if a.label == name]
            mask = validator.named(model, view, name).cpu().numpy()
            overlap.append(_ious(mask, view.cells(kind)))
    scale, bias = platt(logits, there)
    cut = float(CUTS[int(np.mean(overlap, 0).argmax())]) if overlap else 0.0
    return Calibration(cut, scale, bias)


def _ious(logits: NDArray[np.float32], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """IoU at every cut, ``(C,)``."""
    masks = logits[None] > CUTS[:, None, None]
    union = (masks | truth).sum((1, 2))
    return np.where(union > 0, (masks & truth).sum((1, 2)) / np.maximum(union, 1), 1.0)


def platt(logits: Sequence[float], there: Sequence[bool]) -> tuple[float, float]:
    """Scale and bias of a logit, fitted with both classes weighing the same.

    Args:
        logits: of both kinds.
        there: what is true of each; with one kind only, nothing is changed.
    """
    x, y = np.asarray(logits, float), np.asarray(there, bool)
    if not y.any() or y.all():
        return 1.0, 0.0
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    sign = np.where(y, 1.0, -1.0)

    def loss(fit: NDArray[np.float64]) -> float:
        return float(weight @ np.logaddexp(0.0, -sign * (fit[0] * x + fit[1])))

    fit = minimize(loss, np.array([1.0, 0.0]), bounds=((MIN_SCALE, MAX_SCALE), (None, None)))
    return float(fit.x[0]), float(fit.x[1])
