"""One line of JSON per request: what was asked, by route, and how it went. No phrase, no image."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from biprompt.server.admission import client_of
from biprompt.server.refusals import CLIENT_GONE, failure

log = logging.getLogger("biprompt.access")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Access:
    """Measures and logs every request. Ids and query strings are not logged: they are keys."""

    def __init__(self, app: ASGIApp, count: Callable[[str, str, int, float], None]) -> None:
        self._app, self._count = app, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, seen = time.perf_counter(), _Seen(receive, send)
        try:
            await self._app(scope, seen.receive, seen.send)
        finally:
            seconds = time.perf_counter() - started
            route, method, status = _route(scope), _method(scope), seen.status or CLIENT_GONE
            self._count(route, method, status, seconds)
            log.info(
                json.dumps(
                    {
                        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
                        "client": client_of(scope), "method": method, "route": route,
                        "status": status, "ms": round(seconds * 1e3, 1),
                        "bytes_in": seen.bytes_in, "bytes_out": seen.bytes_out,
                    }
                )
            )  # fmt: skip


class Failures:
    """Answers what nobody foresaw like any other failure."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens."""
        seen = _Seen(receive, send)
        try:
            await self._app(scope, receive, seen.send)
        except Exception as error:
            if scope["type"] != "http" or seen.status:
                raise
            await failure(error)(scope, receive, send)


class _Seen:
    """What goes through."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.status = self.bytes_in = self.bytes_out = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self.bytes_in += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.bytes_out += len(message.get("body", b""))
        await self._send(message)


def _route(scope: Scope) -> str:
    """The path with names for its ids; none of what is unknown, which could be anything."""
    route: Any = scope.get("route")
    return getattr(route, "path", None) or "unknown"


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"
