"""HTTP for the client: one request at a time, errors as those of the package."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from biprompt.errors import ImageError, InputError, ModelError, PromptError

_ERRORS: Mapping[str, type[InputError]] = {
    "image": ImageError, "size": ImageError, "format": ImageError, "prompt": PromptError,
}  # fmt: skip
_ANSWERS, _BUSY = (200, 201, 204), (429, 503)


class Transport:
    """Asks one server. Thread-safe: every request has a connection of its own.

    Args:
        url: of the server, http or https.
        token: shown with every request.
        timeout: seconds for one request.
        patience: seconds to go on asking while the server says that it is busy.

    Raises:
        InputError: the URL is none.
    """

    def __init__(self, url: str, token: str | None, *, timeout: float, patience: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError("server", expected="an http or https URL", actual=url)
        self._url, self._parts = url, parts
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._timeout, self._patience = timeout, patience

    def ask_json(self, path: str, body: object) -> Any:
        """POST plain JSON values; the answer as such. Errors as in `ask`."""
        return self.ask("POST", path, json.dumps(body).encode(), "application/json")

    def ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Any:
        """The JSON of an answer; None for an empty one.

        Raises:
            InputError: the server refused it, or there is no server.
            ModelError: the server failed, or was busy for too long.
        """
        until = time.monotonic() + self._patience
        while True:
            status, data, wait = self._once(method, path, body, content_type)
            if status not in _BUSY or time.monotonic() + wait > until:
                return _value(status, data)
            time.sleep(wait)

    def _once(
        self, method: str, path: str, body: bytes, content_type: str
    ) -> tuple[int, bytes, float]:
        """Status, body, and the seconds after which to come back."""
        headers = self._headers | ({"Content-Type": content_type} if content_type else {})
        connection = self._connection()
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), float(answer.headers.get("Retry-After") or 1)
        except (OSError, http.client.HTTPException) as error:
            actual = getattr(error, "strerror", None) or str(error) or type(error).__name__
            expected = f"a biprompt server at {self._url}"
            raise InputError("server", expected=expected, actual=actual) from error
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout)


def _value(status: int, data: bytes) -> Any:
    try:
        if status in _ANSWERS:
            return json.loads(data) if data else None
        facts = json.loads(data)["error"]
        kind, told = facts["kind"], (facts["what"], facts["expected"], facts["actual"])
    except (ValueError, TypeError, KeyError):
        kind, told = "server", ("server", "an answer of biprompt", f"status {status}")
    what, expected, actual = told
    if status >= 500 or kind == "busy":
        raise ModelError(f"{what}: expected {expected}, got {actual}")
    raise _ERRORS.get(kind, InputError)(what, expected=expected, actual=actual)
