"""An answer as plain values: the mask, and the numbers of the selection card."""

from __future__ import annotations

import math
from typing import Any

from biprompt.labeling.values import Ask
from biprompt.masks import iou_matrix, rle_area, rle_bbox, rle_encode
from biprompt.results import Segmentation, SelectionCard

DECIMALS = 6


def describe(ask: Ask, answer: Segmentation) -> dict[str, Any]:
    """Return plain JSON values.

    Among them: `mask` as COCO run lengths, `bbox` [x, y, width, height] and `area` in pixels,
    `score` the predicted IoU of the mask, `candidates` without their masks; `winner` counts them
    from 0; `rival` is the IoU of the mask with the next best candidate's. What is not a finite
    number is None. Times are left out, so that equal answers give equal values.
    """
    card, mask = answer.card, rle_encode(answer.mask)
    score = None if card.winner is None else card.candidates[card.winner].score
    return {
        "id": ask.id,
        "label": ask.label,
        "prompt": dict(ask.given),
        "verdict": answer.verdict.value,
        "presence": _number(answer.presence),
        "score": _number(score),
        "similarity": _number(card.similarity),
        "margin": _number(card.margin),
        "rival": _number(_rival(card)),
        "winner": card.winner,
        "reason": card.reason,
        "understood": card.text_understood,
        "candidates": [
            {
                "source": str(candidate.source),
                "index": candidate.index,
                "score": _number(candidate.score),
                "similarity": _number(candidate.similarity),
            }
            for candidate in card.candidates
        ],
        "bbox": rle_bbox(mask),
        "area": rle_area(mask),
        "mask": mask,
    }


def _rival(card: SelectionCard) -> float | None:
    """How much the next best candidate is like the winner; None without one of them."""
    others = [c for n, c in enumerate(card.candidates) if n != card.winner and c.mask.any()]
    if card.winner is None or not others:
        return None
    rival = max(others, key=lambda c: c.score if c.similarity is None else c.similarity)
    masks = [card.candidates[card.winner].mask], [rival.mask]
    return float(iou_matrix(*masks)[0, 0])


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DECIMALS)
