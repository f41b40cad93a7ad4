"""The application: the middle layers around the routes, and what happens at start and stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from biprompt import __version__
from biprompt.labeling.review import Review
from biprompt.segmenter import Segmenter
from biprompt.segmenter.warming import warm_up
from biprompt.server import refusals
from biprompt.server.access import Access, Failures
from biprompt.server.admission import Admission
from biprompt.server.guard import Guard
from biprompt.server.headers import SecureHeaders
from biprompt.server.routes import catalogue, export, health, images, page, segment
from biprompt.server.routes import review as reviewing
from biprompt.server.service import Service
from biprompt.server.settings import Settings

DESCRIPTION = """Click a thing in an image, name it, or both: get its mask and the reason for it.

Send an image, then ask as often as you like. Coordinates are pixels of the original image, upright,
x to the right and y down. Masks are COCO run lengths or PNG. Every error has the same form.
"""
_ROUTERS = (
    *(images.router, segment.router, export.router),
    *(catalogue.router, health.router, page.router, reviewing.router),
)


def create_app(settings: Settings, model: Segmenter, review: Review | None = None) -> FastAPI:
    """Build the application around a loaded model.

    Args:
        settings: who may ask, and how much.
        model: answers every request. Best without a memory of its own, as the application keeps
            the embeddings.
        review: doubtful images for the page to step through; corrections of them are written.
    """
    service = Service(settings, model)
    app = FastAPI(
        title="biprompt", version=__version__, description=DESCRIPTION, lifespan=_lifespan,
        docs_url=None, redoc_url=None, middleware=_layers(settings, service),
    )  # fmt: skip
    app.state.service, app.state.review = service, review
    refusals.install(app)
    for router in _ROUTERS:
        app.include_router(router)
    page.mount_static(app)
    return app


def _layers(settings: Settings, service: Service) -> Sequence[Middleware]:
    """From the outside in."""
    own = [
        Middleware(Access, count=service.metrics.request),
        Middleware(SecureHeaders),
        Middleware(Guard, settings=settings),
        Middleware(Admission, room=service.room),
        Middleware(Failures),
    ]
    if settings.origins:
        wanted = ["Authorization", "Content-Type"]
        own.insert(2, Middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_headers=wanted,
            allow_methods=["GET", "POST", "DELETE"], expose_headers=["Retry-After", "X-Lost"],
        ))  # fmt: skip
    return own


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    await asyncio.to_thread(warm_up, service.model)
    sweeper = asyncio.create_task(service.sweep())
    service.ready = True
    try:
        yield
    finally:
        sweeper.cancel()
        service.close()
