"""Masks as `supervision.Detections`, for those whose programs take these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from biprompt.errors import MissingExtraError
from biprompt.io.formats.objects import LabelledImage
from biprompt.masks import rle_bbox

if TYPE_CHECKING:
    import supervision


def detections(image: LabelledImage) -> supervision.Detections:
    """Return one detection for each mask of an image, in order.

    `xyxy` are float32 pixels, the right and lower edges behind the last pixel; `mask` is
    `(n, H, W)` bool; `confidence` is the score, and None unless every mask has one; `class_id`
    counts the labels in order of first use, from 0, and `data["class_name"]` holds them. Masks
    without a pixel are left out, as they have no box.

    Raises:
        MissingExtraError: supervision is not installed.
    """
    try:
        import supervision
    except ImportError as error:
        raise MissingExtraError("supervision", "supervision.Detections") from error
    things = [thing for thing in image.objects if thing.area]
    if not things:
        return supervision.Detections.empty()
    boxes = np.array([rle_bbox(thing.rle) for thing in things], np.float32)
    boxes[:, 2:] += boxes[:, :2]
    numbers = {label: n for n, label in enumerate(dict.fromkeys(t.label for t in things))}
    scores: list[Any] = [thing.score for thing in things]
    return supervision.Detections(
        xyxy=boxes,
        mask=np.stack([thing.mask for thing in things]),
        confidence=None if None in scores else np.array(scores, np.float32),
        class_id=np.array([numbers[thing.label] for thing in things]),
        data={"class_name": np.array([thing.label for thing in things])},
    )
