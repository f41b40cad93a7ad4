"""How alike two masks are, and the joint score (BiPrompt-SAM eqs. 3, 4, 6 to 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from biprompt.errors import InputError
from biprompt.masks import dice_matrix, iou_matrix
from biprompt.results import Source
from biprompt.selection import _checks
from biprompt.selection._checks import BoolArray, FloatArray

Metric = Literal["iou", "dice"]

LESSER_SAY: Final = 0.3
"""What a single mask has to say in a consensus, where a group of candidates has 1. Chosen on
held-out training photographs."""
METRIC_NAMES: Final[dict[str, str]] = {"iou": "IoU", "dice": "Dice"}
_MATRICES: Final[dict[str, Callable[[BoolArray, BoolArray], FloatArray]]] = {
    "iou": iou_matrix,
    "dice": dice_matrix,
}


def check_metric(metric: str) -> None:
    """Raise InputError unless `metric` is known."""
    if metric not in METRIC_NAMES:
        raise InputError("metric", expected="'iou' or 'dice'", actual=repr(metric))


def similarity(
    text_mask: npt.ArrayLike, masks: npt.ArrayLike, metric: Metric = "iou"
) -> FloatArray:
    """Compare the text mask with every candidate at once (BiPrompt-SAM eqs. 3, 4, 6).

    Args:
        text_mask: (H, W) bool.
        masks: (K, H, W) bool, the same frame; K may be 0.
        metric: "iou" (eqs. 4, 7) or "dice" (eq. 6).

    Returns:
        (K,) float64, 0 to 1; two empty masks are equal and give 1.

    Raises:
        InputError: a shape or dtype does not fit, or the metric is unknown.
    """
    check_metric(metric)
    candidates = _checks.masks(masks)
    words = _checks.text_mask(text_mask, candidates.shape[1:])
    row: FloatArray = _MATRICES[metric](words[None], candidates)[0]
    return row


def joint_score(
    conf_text: float | None,
    conf_point: npt.ArrayLike,
    sim: npt.ArrayLike,
    weights: Sequence[float] = (0.0, 0.0, 1.0),
) -> FloatArray:
    """Return w1 * conf_text + w2 * conf_point + w3 * sim (BiPrompt-SAM eq. 8).

    Args:
        conf_text: confidence of the text expert, the same for all candidates, so that it moves
            every score alike and never their order. None, where it gives none, leaves its term out.
        conf_point: (K,) predicted IoU of each candidate.
        sim: (K,) similarity of each candidate to the text mask.
        weights: (w1, w2, w3), none negative.

    Returns:
        (K,) float64.

    Raises:
        InputError: a value is not finite, a weight is negative, or the lengths differ.
    """
    w1, w2, w3 = _checks.weights(weights)
    own = _checks.row("conf_point", conf_point)
    alike = _checks.row("sim", sim, own.size)
    score = w2 * own + w3 * alike
    return score if conf_text is None else w1 * _checks.number("conf_text", conf_text) + score


def consensus(
    masks: npt.ArrayLike,
    sources: Sequence[str],
    text_mask: npt.ArrayLike,
    metric: Metric = "iou",
) -> FloatArray:
    """Return how well each candidate agrees with what all experts propose.

    The pointed candidates have a say together, so have the joint ones (pointing and words in one
    decoder call): a candidate's agreement with them is its mean similarity to all of the group.
    The text mask, and the joint mask that the decoder makes for clear prompts, have a say of
    `LESSER_SAY`. Other candidates may win but have no say.

    Ours, not the paper's; it extends eq. 3, where the text mask alone has a say.

    Args:
        masks: (K, H, W) bool candidates; of the joint ones the clear one comes first.
        sources: K names.
        text_mask: (H, W) bool.
        metric: "iou" or "dice".

    Returns:
        (K,) float64, 0 to 1.

    Raises:
        InputError: a shape or dtype does not fit, or the metric is unknown.
    """
    candidates, names = _checks.masks(masks), np.array(sources, np.str_)
    alike = _MATRICES[metric](candidates, candidates)
    heard = [(LESSER_SAY, similarity(text_mask, candidates, metric))]
    for group in (Source.POINT, Source.JOINT):
        if (names == group).any():
            heard.append((1.0, alike[:, names == group].mean(1)))
    if (names == Source.JOINT).any():
        heard.append((LESSER_SAY, alike[:, names == Source.JOINT][:, 0]))
    total = sum(say * agreement for say, agreement in heard)
    return np.asarray(total / sum(say for say, _ in heard))
