"""The review of a run of `biprompt label`: for the page alone, so it is not described in /docs."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from biprompt.labeling.review import Review
from biprompt.server.refusals import missing
from biprompt.server.schemas.review import CorrectionBody, Doubt, PlaceBody, ReviewBody

router = APIRouter(include_in_schema=False)


async def review_of(request: Request) -> Review | None:
    """The folder under review; None where the server was started without."""
    review: Review | None = request.app.state.review
    return review


ReviewOf = Annotated[Review | None, Depends(review_of)]
Place = Annotated[int, Path(ge=0)]


@router.get("/v1/review")
async def see_review(review: ReviewOf) -> ReviewBody:
    """How far it is; without a review there is nothing to do."""
    if review is None:
        return ReviewBody(count=0, done=0, next=None)
    count = len(review.images)
    done = sum(review.is_done(place) for place in range(count))
    return ReviewBody(count=count, done=done, next=review.next)


@router.get("/v1/review/{place}")
async def see_place(place: Place, review: ReviewOf) -> PlaceBody:
    """Why an image is doubtful."""
    held = _checked(review, place)
    doubts = [Doubt(label=one["label"], why=one["why"]) for one in held.images[place].answers]
    return PlaceBody(name=held.images[place].name, done=held.is_done(place), doubts=doubts)


@router.get("/v1/review/{place}/session", response_class=Response)
async def see_session(place: Place, review: ReviewOf) -> Response:
    """The photograph with its objects, as a session file."""
    session = await asyncio.to_thread(_checked(review, place).session, place)
    return Response(json.dumps(session), media_type="application/json")


@router.post("/v1/review/{place}", status_code=204)
async def correct(place: Place, said: CorrectionBody, review: ReviewOf) -> None:
    """Keep what the image shows, in corrections.jsonl of the folder."""
    held = _checked(review, place)
    await asyncio.to_thread(held.correct, place, said.model_dump()["objects"])


def _checked(review: Review | None, place: int) -> Review:
    if review is None or place >= len(review.images):
        raise missing("image of the review")
    return review
