"""Ask an image."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from biprompt.server.patience import patiently
from biprompt.server.routes.common import ImageOf, ServiceOf, errors
from biprompt.server.schemas.answers import AnswersBody
from biprompt.server.schemas.prompts import SegmentBody

router = APIRouter(tags=["segment"])


@router.post(
    "/v1/images/{id}/segment", response_model=AnswersBody,
    responses=errors(400, 404, 408, 413, 422, 500, 504),
)  # fmt: skip
async def segment(
    request: Request, image: ImageOf, asked: SegmentBody, service: ServiceOf
) -> Response:
    """Answer prompts about an image, one answer each, in order.

    An answer is the object that `biprompt segment --json` prints, with an `id`: a later prompt
    with `"mask": {"answer": id}` starts from it.
    """
    work = service.segment(image, asked)
    # Made in the worker thread: a large answer keeps nobody else waiting.
    body = await patiently(request, work, service.limits.answer_seconds)
    return Response(body, media_type="application/json")
