"""The page, its files, and a plain description of the API."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from biprompt.server.docs import docs_page
from biprompt.server.guard import OPEN_FOLDER
from biprompt.server.refusals import Refusal

STATIC = Path(__file__).parent.parent / "static"
_INDEX = STATIC / "index.html"

router = APIRouter(include_in_schema=False)


def mount_static(app: FastAPI) -> None:
    """Serve the files of the page."""
    # Some systems say text/plain, and a browser then refuses to run them.
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("text/javascript", ".mjs")
    app.mount(OPEN_FOLDER.rstrip("/"), StaticFiles(directory=STATIC), name="static")


@router.get("/")
async def page() -> Response:
    """The page."""
    if not _INDEX.is_file():
        raise Refusal(404, "page", expected="the page's files", actual="an installation without")
    return FileResponse(_INDEX, headers={"cache-control": "no-cache"})


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """What the API offers, without a script and without anything from elsewhere."""
    return HTMLResponse(docs_page(request.app.openapi()))
