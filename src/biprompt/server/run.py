"""Run the application: take the port, say when it is ready, stop cleanly."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator

import uvicorn
from fastapi import FastAPI

from biprompt.errors import InputError
from biprompt.server.settings import Limits

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 15
_CONNECTIONS_PER_REQUEST = 4


def listen(host: str, port: int) -> socket.socket:
    """Take a port.

    Args:
        host: name or address.
        port: 0 takes any that is free.

    Raises:
        InputError: it is in use, may not be used, or there is no such address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With its protocol: asyncio sends small answers at once only where it sees that it is TCP.
        place = socket.socket(family, kind, protocol)
    except OSError as error:
        expected = "an address of this machine"
        raise InputError("host", expected=expected, actual=host) from error
    try:
        if os.name == "posix":  # elsewhere it would let two servers have one port
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(address)
        # Now, so that a second server learns it here and not when it is running.
        place.listen(_BACKLOG)
    except OSError as error:
        place.close()
        expected = "a free one; --port 0 takes any"
        actual = f"{port} on {host}: {error.strerror}"
        raise InputError("port", expected=expected, actual=actual) from error
    return place


def url_of(host: str, place: socket.socket, token: str | None) -> str:
    """Where a browser finds the page; the token is in the part that it never sends."""
    name = socket.gethostname() if host in ("0.0.0.0", "::") else host
    name = f"[{name}]" if ":" in name else name
    fragment = "" if token is None else f"#token={token}"
    return f"http://{name}:{place.getsockname()[1]}/{fragment}"


def run(app: FastAPI, place: socket.socket, limits: Limits, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then let what is in flight end.

    Args:
        app: the application.
        place: from `listen`.
        limits: how many connections, and how long the end may take.
        started: called once when requests are answered.
    """
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="on", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(limits.stop_seconds)),
        limit_concurrency=limits.in_flight * _CONNECTIONS_PER_REQUEST,
    )  # fmt: skip
    with _signals_end_quietly():
        _Server(config, started).run([place])


def log_to_stderr(*, requests: bool) -> None:
    """Let failures, and where asked every request, be written to stderr, a line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name, level in (("biprompt", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    logging.getLogger("biprompt.access").disabled = not requests


class _Server(uvicorn.Server):
    """A server that says when it has started."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """When it has stopped for a signal, uvicorn raises it once more; here that is the end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in ends}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
