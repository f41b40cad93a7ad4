"""Who may ask: requests by a known host name, from no other site's page, with the token."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from biprompt.server.refusals import Refusal
from biprompt.server.settings import Settings, is_loopback

OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
"""What needs no token: the page and the description of the API hold nobody's data."""
OPEN_FOLDER = "/static/"
_OWN_FETCHES = (None, "same-origin", "none")


class Guard:
    """Refuses what may not ask.

    On a loopback address every program of this machine may ask, and the danger is a web page
    that makes a browser ask: by a name of its own that leads here (DNS rebinding), or across
    sites. On any other address the token decides.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._loopback = is_loopback(settings.host)
        self._token = None if settings.token is None else settings.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "http":
            try:
                self._check(Headers(scope=scope), scope["path"], scope["method"])
            except Refusal as refusal:
                await refusal.response()(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _check(self, headers: Headers, path: str, method: str) -> None:
        self._check_host(headers.get("host"))
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDER):
            return
        self._check_origin(headers)
        # A browser asks without the token whether it may ask with it.
        if not (method == "OPTIONS" and self._settings.origins):
            self._check_token(headers.get("authorization", ""))

    def _check_host(self, host: str | None) -> None:
        if not self._loopback:
            return
        name = _host_name(host or "")
        if not is_loopback(name) and name not in self._settings.hosts:
            expected = "localhost, an address of this machine, or a name it was told"
            raise Refusal(421, "host", expected=expected, actual=host or "none")

    def _check_origin(self, headers: Headers) -> None:
        origin = headers.get("origin")
        if origin is None:
            other = headers.get("sec-fetch-site") not in _OWN_FETCHES
        else:
            own = urlsplit(origin).netloc == headers.get("host")
            other = not own and origin not in self._settings.origins
        if other:
            expected, actual = "the page of this server", origin or "another site's page"
            raise Refusal(403, "origin", expected=expected, actual=actual)

    def _check_token(self, authorization: str) -> None:
        if self._token is None:
            return
        scheme, _, given = authorization.partition(" ")
        same = hmac.compare_digest(given.strip().encode(), self._token)
        if scheme.lower() != "bearer" or not same:
            actual = "another one" if authorization else "none"
            raise Refusal(401, "token", expected="Authorization: Bearer TOKEN", actual=actual)


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
