"""The doubtful images of a run of `biprompt label`, and what a person says of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from biprompt.server.schemas.common import Given, Rle, Told
from biprompt.server.schemas.export import MAX_OBJECTS


class ReviewBody(Told):
    """How far the review is; `next` is the place of the first image nobody has looked at."""

    count: int
    done: int
    next: int | None


class Doubt(Told):
    """Why an image is looked at: what was asked for, and what is doubtful about the answer."""

    label: str
    why: str


class PlaceBody(Told):
    """One image of the review."""

    name: str
    done: bool
    doubts: list[Doubt]


class CorrectedObject(Given):
    """One thing that the image shows."""

    label: Annotated[str, Field(min_length=1, max_length=1000)]
    mask: Rle


class CorrectionBody(Given):
    """Everything that the image shows."""

    objects: Annotated[list[CorrectedObject], Field(max_length=MAX_OBJECTS)]
