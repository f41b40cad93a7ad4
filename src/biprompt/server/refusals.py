"""Every error an answer can be, as one JSON object; the one place where errors become statuses.

::

    {"error": {"kind", "what", "expected", "actual", "message"}}
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from biprompt.errors import ImageError, InputError, ModelError, PromptError, one_line

CLIENT_GONE = 499
"""What the log says of a request whose client did not wait; nobody sees the answer."""

_KINDS = {
    400: "request", 401: "token", 403: "forbidden", 404: "missing", 405: "method",
    408: "timeout", 413: "size", 415: "format", 421: "host", 422: "input", 429: "busy",
    503: "busy", 504: "timeout",
}  # fmt: skip
_EXPECTED = {"missing": "a value", "extra_forbidden": "nothing of that name"}
_MAX_CHARS = 400
_log = logging.getLogger("biprompt.server")


class Refusal(HTTPException):
    """A request that is not answered.

    Args:
        status: of the HTTP answer.
        what: which value is wrong, in a few words.
        expected: what would have been right.
        actual: what was there instead.
        retry_after: seconds after which it may be tried again.
        kind: what sort of error it is; None takes the usual one of the status.
    """

    def __init__(
        self, status: int, what: str, *, expected: object, actual: object,
        retry_after: float | None = None, kind: str | None = None,
    ) -> None:  # fmt: skip
        headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        super().__init__(status, what, headers or None)
        self.kind = kind or _KINDS.get(status, "server")
        self.expected, self.actual = expected, actual

    def response(self) -> JSONResponse:
        """The answer it is."""
        body = error_body(self.kind, self.detail, self.expected, self.actual)
        return JSONResponse(body, self.status_code, self.headers)


def busy(what: str, retry_after: float) -> Refusal:
    """The refusal of a server that has enough to do."""
    return Refusal(503, what, expected="room for one more", actual="none", retry_after=retry_after)


def missing(what: str) -> Refusal:
    """The refusal of an id that stands for nothing, or no longer."""
    return Refusal(404, what, expected="the id of one that is held", actual="an unknown one")


def error_body(kind: str, what: object, expected: object, actual: object) -> dict[str, Any]:
    """The JSON object of an error; every value one printable line."""
    facts = {
        "what": one_line(what),
        "expected": one_line(expected, _MAX_CHARS),
        "actual": one_line(actual),
    }
    message = "{what}: expected {expected}, got {actual}".format(**facts)
    return {"error": {"kind": kind, **facts, "message": message}}


def failure(error: Exception) -> JSONResponse:
    """The answer to a request that failed; what exactly failed is for the log alone.

    The message may name files of this machine.
    """
    foreseen = isinstance(error, ModelError | MemoryError)
    message = one_line(f"{type(error).__name__}: {error}", _MAX_CHARS)
    _log.error("a request failed: %s", message, exc_info=None if foreseen else error)
    if isinstance(error, MemoryError):
        return busy("memory", 1).response()
    kind = "model" if isinstance(error, ModelError) else "server"
    return JSONResponse(error_body(kind, kind, "an answer", "a failure"), 500)


def install(app: FastAPI) -> None:
    """Let the application answer every error in this form."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(InputError, _input)
    app.add_exception_handler(TimeoutError, _timeout)
    app.add_exception_handler(ClientDisconnect, _gone)
    for error in (ModelError, MemoryError):
        app.add_exception_handler(error, _failed)


async def _http(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Refusal):
        return error.response()
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers: Mapping[str, str] | None = getattr(error, "headers", None)
    wanted = {404: "a path of the API", 405: "another method", 400: "a JSON body"}
    body = error_body(
        _KINDS.get(status, "server"), "request", wanted.get(status, "another request"),
        f"{request.method}, status {status}",
    )  # fmt: skip
    return JSONResponse(body, status, dict(headers) if headers else None)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    details = error.errors() if isinstance(error, RequestValidationError) else []
    first: dict[str, Any] = dict(details[0]) if details else {"loc": (), "msg": "another request"}
    where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    expected = _EXPECTED.get(first.get("type", ""), first["msg"].removeprefix("Input should be "))
    given = first.get("input")
    actual = type(given).__name__ if isinstance(given, dict | list) else repr(given)
    return JSONResponse(error_body("input", where, expected, actual), 422)


async def _input(_: Request, error: Exception) -> JSONResponse:
    kinds: dict[type[Exception], str] = {PromptError: "prompt", ImageError: "image"}
    kind = kinds.get(type(error), "input")
    what, expected = getattr(error, "what", "input"), getattr(error, "expected", "")
    return JSONResponse(error_body(kind, what, expected, getattr(error, "actual", "")), 422)


async def _timeout(_: Request, error: Exception) -> JSONResponse:
    return Refusal(504, "answer", expected="one in time", actual="none", retry_after=1).response()


async def _gone(_: Request, error: Exception) -> JSONResponse:
    body = error_body("gone", "client", "one that waits for its answer", "none")
    return JSONResponse(body, CLIENT_GONE)


async def _failed(_: Request, error: Exception) -> JSONResponse:
    return failure(error)
