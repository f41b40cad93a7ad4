"""Send an image, see how it stands, let it go."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from biprompt.server.admission import client_of
from biprompt.server.patience import patiently
from biprompt.server.routes.common import ImageId, ImageOf, ServiceOf, errors
from biprompt.server.schemas.images import ImageBody
from biprompt.server.uploads import display_name, read_upload

router = APIRouter(tags=["images"])
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
_UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The image file, in a form or as the whole body.",
        "content": {
            "multipart/form-data": _FORM,
            "image/jpeg": _BINARY,
            "image/png": _BINARY,
            "image/webp": _BINARY,
        },
    }
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JPEG where a JPEG was sent, else PNG.",
        "content": {"image/jpeg": _BINARY, "image/png": _BINARY},
    }
}


@router.post(
    "/v1/images", status_code=201, openapi_extra=_UPLOAD,
    responses=errors(400, 408, 413, 415, 422, 504),
)  # fmt: skip
async def send_image(
    request: Request, response: Response, service: ServiceOf,
    name: Annotated[str, Query(max_length=255, description="what it is called")] = "",
) -> ImageBody:  # fmt: skip
    """Send an image. It is looked at at once, in the background; `GET` tells how that goes."""
    data, own_name = await read_upload(request)
    adding = service.add(client_of(request.scope), display_name(name or own_name), data)
    image = await patiently(request, adding, service.limits.answer_seconds)
    response.headers["Location"] = f"/v1/images/{image.id}"
    return service.tell(image)


@router.get("/v1/images/{id}", responses=errors(404, 422))
async def see_image(image: ImageOf, service: ServiceOf) -> ImageBody:
    """How an image stands. One that was let go of to make room is looked at again."""
    return service.tell(image)


@router.delete("/v1/images/{id}", status_code=204, responses=errors(404, 422))
async def let_image_go(id: ImageId, service: ServiceOf) -> None:
    """Let an image go, and everything that was made of it."""
    service.images.remove(id)


@router.get(
    "/v1/images/{id}/pixels", response_class=Response,
    responses=_PICTURE | errors(404, 422, 500, 504),
)  # fmt: skip
async def see_pixels(request: Request, image: ImageOf, service: ServiceOf) -> Response:
    """The image as the model sees it: upright, without transparency, nothing else in the file."""
    work = service.picture(image)
    data, media_type = await patiently(request, work, service.limits.answer_seconds)
    return Response(data, media_type=media_type, headers={"cache-control": "private, max-age=3600"})
