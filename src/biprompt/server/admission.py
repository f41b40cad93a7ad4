"""How much may be asked at a time: requests, bytes and seconds."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from biprompt.server.refusals import Refusal, busy
from biprompt.server.settings import MIB, Limits

UPLOAD_PATH = "/v1/images"
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered however much goes on: whoever watches the server must see it."""
_FORM_BYTES = 64 * 1024
"""What a form adds around its file."""


def client_of(scope: Scope) -> str:
    """Whom a limit counts: the address that the connection came from."""
    client = scope.get("client")
    return client[0] if client else "local"


class Room:
    """What is being answered now, counted.

    Args:
        limits: how much may be.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits, self.nbytes = limits, 0
        self._clients: Counter[str] = Counter()

    @property
    def in_flight(self) -> int:
        """Requests being answered."""
        return self._clients.total()

    def enter(self, client: str) -> None:
        """Take room for one request; Refusal where there is none."""
        if self.in_flight >= self.limits.in_flight:
            raise busy("requests at a time", 1)
        if self._clients[client] >= self.limits.client_in_flight:
            expected = f"at most {self.limits.client_in_flight} at a time"
            raise Refusal(429, "requests", expected=expected, actual="more", retry_after=1)
        self._clients[client] += 1

    def leave(self, client: str) -> None:
        """Give it back."""
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]

    def count(self, size: int) -> None:
        """Count bytes of a body, which may be below zero when it is let go."""
        self.nbytes += size

    def check_bytes(self) -> None:
        """Refuse to read on when all bodies together are too large."""
        if self.nbytes > self.limits.body_bytes:
            raise busy("memory for requests", 1)


class Admission:
    """Refuses what is too much, before and while it is read."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app, self._room, self._limits = app, room, room.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        client, body = client_of(scope), _Body(self._room, receive, self._limit_of(scope))
        try:
            body.check_length(Headers(scope=scope).get("content-length"))
            self._room.enter(client)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        try:
            await self._app(scope, body.receive, self._in_time(send))
        finally:
            self._room.count(-body.read)
            self._room.leave(client)

    def _limit_of(self, scope: Scope) -> _BodyLimit:
        limits = self._limits
        if scope["path"] == UPLOAD_PATH:
            return _BodyLimit(limits.upload_bytes + _FORM_BYTES, limits.body_seconds)
        return _BodyLimit(limits.json_bytes, limits.body_seconds, limits.json_values)

    def _in_time(self, send: Send) -> Send:
        async def send_in_time(message: Message) -> None:
            # A client that does not read holds the answer in memory.
            async with asyncio.timeout(self._limits.send_seconds):
                await send(message)

        return send_in_time


@dataclass(frozen=True, slots=True)
class _BodyLimit:
    size: int
    seconds: float
    values: int | None = None


class _Body:
    """The body of one request, counted while it comes."""

    def __init__(self, room: Room, receive: Receive, limit: _BodyLimit) -> None:
        self._room, self._receive, self._limit = room, receive, limit
        self._until = asyncio.get_running_loop().time() + limit.seconds
        self._more, self._commas, self.read = True, 0, 0

    def check_length(self, header: str | None) -> None:
        """Refuse a body that says itself that it is too large."""
        if header is not None and header.isdecimal() and int(header) > self._limit.size:
            raise self._too_large(header)

    async def receive(self) -> Message:
        """The next message from the client."""
        if not self._more:  # what comes now is that the client goes
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            expected = f"all of it in {self._limit.seconds:g} s"
            raise Refusal(408, "body", expected=expected, actual="a part") from None
        self._count(message.get("body", b""))
        self._more = bool(message.get("more_body", False))
        return message

    def _count(self, part: bytes) -> None:
        self.read += len(part)
        self._room.count(len(part))
        if self.read > self._limit.size:
            raise self._too_large("more")
        self._room.check_bytes()
        if self._limit.values is not None:
            self._count_values(part, self._limit.values)

    def _count_values(self, part: bytes, most: int) -> None:
        # Reading JSON holds up everybody else, so its length in values is bounded before.
        self._commas += part.count(b",")
        if self._commas >= most:
            raise Refusal(413, "body", expected=f"at most {most} values", actual="more")

    def _too_large(self, actual: str) -> Refusal:
        size = self._limit.size
        told = f"{size // MIB} MiB" if size >= MIB else f"{size} bytes"
        return Refusal(413, "body", expected=f"at most {told}", actual=f"{actual} bytes")
