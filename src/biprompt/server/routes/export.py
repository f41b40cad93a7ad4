"""Masks as a file."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from biprompt.server.exporting import download_headers
from biprompt.server.patience import patiently
from biprompt.server.routes.common import ServiceOf, errors
from biprompt.server.schemas.export import ExportBody

router = APIRouter(tags=["export"])
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; a ZIP archive where the format takes several.",
        "headers": {
            "Content-Disposition": {"schema": {"type": "string"}, "description": "a safe name"},
            "X-Lost": {"schema": {"type": "string"}, "description": "what the file does not hold"},
        },
        "content": {
            "image/png": _BINARY,
            "application/json": {"schema": {"type": "object"}},
            "application/geo+json": {"schema": {"type": "object"}},
            "text/plain": {"schema": {"type": "string"}},
            "application/zip": _BINARY,
        },
    }
}  # fmt: skip


@router.post(
    "/v1/export", response_class=Response,
    responses=_FILE | errors(400, 404, 408, 413, 422, 500, 504),
)  # fmt: skip
async def export(request: Request, asked: ExportBody, service: ServiceOf) -> Response:
    """Write masks as PNG, COCO, YOLO, LabelMe or GeoJSON, or draw them on the photograph.

    `X-Lost` says in a sentence what the format could not hold of these masks.
    """
    file = await patiently(request, service.export(asked), service.limits.answer_seconds)
    return Response(file.data, media_type=file.media_type, headers=download_headers(file))
