"""An answer as plain values: the mask, and the numbers of the selection card."""

from __future__ import annotations

import math
from typing import Any

from biprompt.labeling.values import Ask
from biprompt.masks import rle_area, rle_bbox, rle_encode
from biprompt.results import Segmentation

DECIMALS = 6


def describe(ask: Ask, answer: Segmentation) -> dict[str, Any]:
    """Return plain JSON values.

    Among them: `mask` as COCO run lengths, `bbox` [x, y, width, height] and `area` in pixels,
    `score` the predicted IoU of the mask, `candidates` without their masks; `winner` counts them
    from 0. What is not a finite number is None. Times are left out, so that equal answers give
    equal values.
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


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DECIMALS)
