"""What is asked of an image."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Discriminator, Field, JsonValue, Tag

from biprompt.prompts import MAX_PATH_POINTS, MAX_PHRASE_CHARS, MAX_POINTS
from biprompt.server.schemas.common import Given, Id, Pair, Rle

MAX_PROMPTS = 256
_MAX_SCRIBBLES = 100

Label = Annotated[Literal[0, 1], Field(description="1 adds, 0 removes")]
Phrase = Annotated[str, Field(min_length=1, max_length=MAX_PHRASE_CHARS)]


class PointBody(Given):
    """A click, in pixels of the original image."""

    x: Annotated[float, Field(ge=0, examples=[220])]
    y: Annotated[float, Field(ge=0, examples=[140])]
    label: Label = 1


class ScribbleBody(Given):
    """A stroke."""

    points: Annotated[list[Pair], Field(min_length=1, max_length=MAX_PATH_POINTS)]
    label: Label = 1


class EarlierAnswer(Given):
    """A mask to refine: that of an answer of this server."""

    answer: Annotated[Id, Field(description="id of an answer about the same image")]


def _form(mask: object) -> str:
    """Which of the two a mask is meant to be, so that an error tells of that one."""
    asked = isinstance(mask, EarlierAnswer) or (isinstance(mask, dict) and "answer" in mask)
    return "answer" if asked else "rle"


MaskToRefine = Annotated[
    Annotated[EarlierAnswer, Tag("answer")] | Annotated[Rle, Tag("rle")], Discriminator(_form)
]


class PromptBody(Given):
    """Any mix of prompts; at least one that finds something."""

    points: Annotated[list[PointBody], Field(default_factory=list, max_length=MAX_POINTS)]
    box: Annotated[
        list[float] | None,
        Field(
            min_length=4, max_length=4, description="x0, y0, x1, y1", examples=[[40, 20, 330, 290]]
        ),
    ] = None
    scribbles: Annotated[list[ScribbleBody], Field(default_factory=list, max_length=_MAX_SCRIBBLES)]
    polygon: Annotated[
        list[Pair] | None,
        Field(
            min_length=3, max_length=MAX_PATH_POINTS, examples=[[[40, 20], [330, 25], [200, 290]]]
        ),
    ] = None
    mask: Annotated[MaskToRefine | None, Field(description="a mask to refine", examples=[None])] = (
        None
    )
    text: Annotated[Phrase | None, Field(description="what it is called", examples=["cat"])] = None
    negative_text: Annotated[
        Phrase | None, Field(description="what is not meant", examples=[None])
    ] = None


class PolicyBody(Given):
    """How the gate decides; what is left out is as the server was started."""

    pool: Annotated[
        Literal["paper", "wide", "parts"] | None, Field(description="which candidates take part")
    ] = None
    metric: Literal["iou", "dice"] | None = None
    agree: Annotated[
        float | None,
        Field(ge=0, le=1, description="similarity under which words and click disagree"),
    ] = None
    agree_in_doubt: Annotated[
        float | None,
        Field(ge=0, le=1, description="the same where presence is below its threshold"),
    ] = None
    presence_threshold: Annotated[
        float | None, Field(ge=0, le=1, description="presence under which a thing is not there")
    ] = None
    granularity: Annotated[
        Literal["part", "object", "whole"] | None,
        Field(description="the smallest, middle or largest of what a click may mean"),
    ] = None
    refine: Annotated[
        Literal["keep", "free"] | None,
        Field(description="keep: a mask drawn by hand stays unless one is surely better"),
    ] = None
    weights: Annotated[
        list[Annotated[float, Field(ge=0)]] | None,
        Field(
            min_length=3, max_length=3, examples=[None],
            description="of words, predicted IoU and similarity in the joint score",
        ),
    ] = None  # fmt: skip


EXAMPLES: list[JsonValue] = [
    {"prompts": [{"points": [{"x": 220, "y": 140, "label": 1}], "text": "cat"}]},
    {
        "prompts": [{"box": [40, 20, 330, 290]}, {"text": "cat"}],
        "policy": {"pool": "wide"},
        "masks": "none",
        "candidates": False,
    },
]


class SegmentBody(Given):
    """Several prompts of one image; each is answered by itself."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    prompts: Annotated[list[PromptBody], Field(min_length=1, max_length=MAX_PROMPTS)]
    policy: PolicyBody | None = None
    masks: Annotated[
        Literal["rle", "png", "none"], Field(description="form of the masks in the answer")
    ] = "rle"
    candidates: Annotated[bool, Field(description="whether the answer tells the candidates")] = True
