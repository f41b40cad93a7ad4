"""Answers: the object that `biprompt segment --json` prints, with an id to refine it by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from biprompt.server.schemas.common import Id, Rle, Told


class PngMask(Told):
    """A mask as a black and white PNG."""

    size: Annotated[list[int], Field(min_length=2, max_length=2, description="height, width")]
    png: Annotated[str, Field(description="base64")]


Mask = Rle | PngMask | None
"""In the form that was asked for; null for "none"."""


class AnswerImage(Told):
    """The image it is about."""

    id: Id
    path: Annotated[str | None, Field(description="what the upload called itself")]
    height: int
    width: int


class CandidateBody(Told):
    """One mask the gate could choose."""

    source: Annotated[str, Field(examples=["point"])]
    index: Annotated[int, Field(ge=0, description="within its source")]
    score: Annotated[float | None, Field(description="predicted IoU", examples=[0.93])]
    similarity: Annotated[float | None, Field(description="to the text mask; null without words")]
    area: Annotated[int, Field(ge=0)]
    mask: Mask


class AnswerBody(Told):
    """One answer, and why."""

    id: Annotated[Id, Field(description="to refine it: mask = {answer: id}")]
    image: AnswerImage
    model: str
    phrase: str | None
    verdict: Literal["found", "absent", "disagree"]
    reason: Annotated[str, Field(description="a sentence for a person")]
    presence: Annotated[float | None, Field(description="how likely the named thing is there")]
    text_understood: bool | None
    similarity: float | None
    winner: Annotated[int | None, Field(description="index of the chosen candidate, from 0")]
    margin: float | None
    metric: str
    policy: str
    pool: str
    mask: Mask
    bbox: Annotated[list[int], Field(min_length=4, max_length=4, description="x, y, width, height")]
    area: Annotated[int, Field(ge=0)]
    candidates: list[CandidateBody]
    levels: Annotated[
        dict[Literal["part", "object", "whole"], int],
        Field(description="which candidate is which, from 0; empty for words alone"),
    ]
    text_mask: Mask
    timings_ms: dict[str, float | None]


class AnswersBody(Told):
    """One answer per prompt, in order."""

    answers: list[AnswerBody]
    timings_ms: Annotated[
        dict[str, float],
        Field(description="of the request", examples=[{"wait": 1.2, "total": 24.0}]),
    ]
