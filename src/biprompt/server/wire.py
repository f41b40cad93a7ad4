"""Prompts and answers as they travel: plain JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError
from biprompt.masks import rle_decode, rle_encode
from biprompt.prompts import Prompt
from biprompt.results import Candidate, Segmentation, SelectionCard, Verdict
from biprompt.selection import Policy


@dataclass(frozen=True, slots=True, eq=False)
class RemoteAnswer(Segmentation):
    """An answer from a server.

    Attributes:
        id: what a correction of it starts from.
    """

    id: str = ""


def prompt_body(prompt: Prompt) -> dict[str, Any]:
    """Plain JSON values of a prompt.

    Raises:
        PromptError: it shows example images, which a server does not take.
    """
    if prompt.examples:
        expected = "points, box, scribbles, polygon, mask or words"
        raise PromptError("examples", expected=expected, actual="an example image")
    points = prompt.points
    pairs = [] if points is None else zip(points.xy.tolist(), points.labels.tolist(), strict=True)
    strokes = [{"points": one.xy.tolist(), "label": one.label} for one in prompt.scribbles]
    body = {
        "points": [{"x": x, "y": y, "label": label} for (x, y), label in pairs],
        "box": None if prompt.box is None else prompt.box.xyxy.tolist(),
        "scribbles": strokes,
        "polygon": None if prompt.polygon is None else prompt.polygon.xy.tolist(),
        "mask": None if prompt.mask is None else rle_encode(prompt.mask.mask),
        "text": None if prompt.text is None else prompt.text.phrase,
        "negative_text": None if prompt.negative_text is None else prompt.negative_text.phrase,
    }
    return {name: value for name, value in body.items() if value}


def policy_body(policy: Policy) -> dict[str, Any]:
    """Plain JSON values of a policy."""
    return {name: value for name, value in asdict(policy).items() if value is not None}


def answer_of(told: Mapping[str, Any]) -> RemoteAnswer:
    """The answer that a server told, masks as run lengths."""
    return RemoteAnswer(
        mask=rle_decode(told["mask"]),
        verdict=Verdict(told["verdict"]),
        presence=told["presence"],
        card=_card(told),
        model=told["model"],
        image_path=told["image"]["path"],
        phrase=told["phrase"],
        id=told["id"],
    )


def _card(told: Mapping[str, Any]) -> SelectionCard:
    names = ("winner", "similarity", "margin", "metric", "policy", "pool", "reason")
    return SelectionCard(
        candidates=tuple(_candidate(one) for one in told["candidates"]),
        text_mask=_mask(told["text_mask"]),
        text_understood=told["text_understood"],
        timings_ms=told["timings_ms"],
        **{name: told[name] for name in names},
    )


def _candidate(told: Mapping[str, Any]) -> Candidate:
    score = np.nan if told["score"] is None else told["score"]
    return Candidate(
        told["source"], told["index"], score, told["similarity"], rle_decode(told["mask"])
    )


def _mask(told: Mapping[str, Any] | None) -> NDArray[np.bool_] | None:
    return None if told is None else rle_decode(told)
