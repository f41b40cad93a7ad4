"""From the answers of an image to the objects of the data set: what is left out, merged, cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np

from biprompt.errors import InputError
from biprompt.masks import OVERLAPS, Overlap, rle_area, rle_bbox, rle_decode, rle_encode
from biprompt.masks import without_overlaps as cut

Refused = Literal["skip", "keep"]
Answer = Mapping[str, Any]
"""An answer as `describe` returns it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What becomes of the answers. No image is asked again when they change.

    Attributes:
        overlap: who keeps a pixel that several masks claim, see `without_overlaps`; the predicted
            IoU is the score.
        merge: masks of one label become one, by logical or.
        min_area: masks of fewer pixels are left out.
        min_score: masks of a lower predicted IoU are left out; 0 to 1.
        refused: whether an honest no is an object with an empty mask ("keep"), or none ("skip").

    Raises:
        InputError: an unknown word, or a number out of range.
    """

    overlap: Overlap = "keep"
    merge: bool = False
    min_area: int = 0
    refused: Refused = "skip"
    min_score: float = 0.0

    def __post_init__(self) -> None:
        """Check every value."""
        if self.overlap not in OVERLAPS:
            raise InputError("overlap", expected=", ".join(OVERLAPS), actual=repr(self.overlap))
        if self.refused not in ("skip", "keep"):
            raise InputError("refused", expected="skip or keep", actual=repr(self.refused))
        if self.min_area < 0:
            raise InputError("minimum area", expected="0 or more pixels", actual=self.min_area)
        if not 0 <= self.min_score <= 1:
            raise InputError("minimum score", expected="0 to 1", actual=self.min_score)


def apply_rules(answers: Sequence[Answer], rules: Rules) -> list[Answer]:
    """Return the objects of one image, in the order of the answers.

    Masks of a low score are left out, then masks of one label are merged, then overlaps are cut,
    then small masks are left out. A merged object has the lowest score of its parts, the id and the
    prompt of the first one, and the ids of all as `merged`. A mask that others cover completely is
    left out.

    Args:
        answers: of one image, in the order of its prompts.
        rules: what to do.
    """
    refused = [answer for answer in answers if answer["verdict"] == "absent"]
    found = [a for a in answers if a["verdict"] != "absent" and _is_sure(a, rules.min_score)]
    if rules.merge:
        found = _merged(found)
    if rules.overlap != "keep" and len(found) > 1:
        found = _cut(found, rules.overlap)
    kept = [answer for answer in found if answer["area"] >= max(1, rules.min_area)]
    if rules.refused == "keep":
        kept += refused
    order = {answer["id"]: place for place, answer in enumerate(answers)}
    return sorted(kept, key=lambda answer: order[answer["id"]])


def _is_sure(answer: Answer, least: float) -> bool:
    """Whether the predicted IoU is high enough; where a model gives none, it is."""
    return answer["score"] is None or answer["score"] >= least


def _merged(found: Sequence[Answer]) -> list[Answer]:
    groups: dict[str, list[Answer]] = {}
    for answer in found:
        groups.setdefault(answer["label"], []).append(answer)
    return [parts[0] if len(parts) == 1 else _union(parts) for parts in groups.values()]


def _union(parts: Sequence[Answer]) -> Answer:
    mask = reduce(np.logical_or, (rle_decode(part["mask"]) for part in parts))
    worst = any(part["verdict"] == "disagree" for part in parts)
    known = [part["score"] for part in parts if part["score"] is not None]
    return {
        **parts[0],
        **_shape(mask),
        "verdict": "disagree" if worst else "found",
        "score": min(known, default=None),
        "merged": [part["id"] for part in parts],
    }


def _cut(found: Sequence[Answer], overlap: Overlap) -> list[Answer]:
    masks = np.stack([rle_decode(answer["mask"]) for answer in found])
    scores = [float("nan") if one["score"] is None else one["score"] for one in found]
    after = cut(masks, scores, overlap)
    return [
        {**answer, **_shape(mask)} if answer["area"] != np.count_nonzero(mask) else answer
        for answer, mask in zip(found, after, strict=True)
    ]


def _shape(mask: Any) -> dict[str, Any]:
    rle = rle_encode(mask)
    return {"mask": rle, "bbox": rle_bbox(rle), "area": rle_area(rle)}
