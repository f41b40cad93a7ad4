"""What all routes share: the service, the image that a path names, the errors they may answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request

from biprompt.server.images import HeldImage
from biprompt.server.schemas.common import ErrorBody
from biprompt.server.service import Service

_MEANINGS = {
    400: "The request cannot be read.",
    401: "A token is demanded, and it is missing or another one.",
    403: "Another site's page asks.",
    404: "There is no such thing, or no longer.",
    408: "The request did not come in time.",
    413: "It is too large.",
    415: "It is in a form that is not taken.",
    421: "The server is called by a name that is not its own.",
    422: "A value is wrong: what, what was expected, and what was given.",
    429: "This client asks too much at a time; Retry-After says when to come back.",
    500: "The model failed.",
    503: "The server has enough to do; Retry-After says when to come back.",
    504: "There was no answer in time.",
}
_ALWAYS = (401, 403, 421, 429, 503)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Descriptions of the errors of a route, for OpenAPI."""
    return {
        status: {"model": ErrorBody, "description": _MEANINGS[status]}
        for status in sorted({*statuses, *_ALWAYS})
    }


async def service_of(request: Request) -> Service:
    """The service of the application."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
ImageId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


async def image_of(id: ImageId, service: ServiceOf) -> HeldImage:
    """The image that the path names; Refusal where there is none."""
    return service.images.get(id)


ImageOf = Annotated[HeldImage, Depends(image_of)]
