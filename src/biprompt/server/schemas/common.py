"""What all bodies share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MAX_SIDE = 1_000_000
MAX_COUNTS = 2_000_000

Pair = Annotated[list[float], Field(min_length=2, max_length=2, examples=[[220.0, 140.0]])]
"""x, y in pixels of the original image."""
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class Given(BaseModel):
    """A part of a request: nothing unknown, nothing converted, only finite numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Told(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rle(Given):
    """A mask as COCO run lengths."""

    size: Annotated[
        list[Annotated[int, Field(ge=1, le=MAX_SIDE)]],
        Field(min_length=2, max_length=2, description="height, width", examples=[[4, 6]]),
    ]
    counts: Annotated[
        str,
        Field(
            min_length=1, max_length=MAX_COUNTS, examples=["9220003"],
            description="run lengths, column by column, in COCO's compressed form",
        ),
    ]  # fmt: skip


class ErrorFacts(Told):
    """What is wrong, what would have been right, and what was there."""

    kind: Annotated[str, Field(examples=["prompt"])]
    what: Annotated[str, Field(examples=["point"])]
    expected: Annotated[str, Field(examples=["0 <= x < 451 and 0 <= y < 300"])]
    actual: Annotated[str, Field(examples=["(500, 20)"])]
    message: Annotated[
        str,
        Field(examples=["point: expected 0 <= x < 451 and 0 <= y < 300, got (500, 20)"]),
    ]


class ErrorBody(Told):
    """Every answer that is not the one that was asked for."""

    error: ErrorFacts
