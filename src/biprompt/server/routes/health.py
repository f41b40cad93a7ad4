"""Is the server up, does it take requests, what has it done."""

from __future__ import annotations

from fastapi import APIRouter, Response

from biprompt.server.metrics import CONTENT_TYPE
from biprompt.server.routes.common import ServiceOf, errors
from biprompt.server.schemas.health import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/healthz", responses=errors())
async def healthz() -> Health:
    """Always the same while the server runs."""
    return Health(status="ok")


@router.get("/readyz", responses={**errors(), 503: {"model": Readiness}})
async def readyz(response: Response, service: ServiceOf) -> Readiness:
    """Whether the model is warm; 503 where it is not."""
    if not service.ready:
        response.status_code = 503
    return Readiness(ready=service.ready, model=service.model.name, waiting=service.batcher.waiting)


@router.get(
    "/metrics", response_class=Response,
    responses={200: {"content": {"text/plain": {}}}, **errors()},
)  # fmt: skip
async def metrics(service: ServiceOf) -> Response:
    """Counters in Prometheus' text format."""
    return Response(service.metrics.page(), media_type=CONTENT_TYPE)
