"""Wait for work as long as its client does, and no longer than a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request
from starlette.requests import ClientDisconnect

T = TypeVar("T")


async def patiently(request: Request, work: Coroutine[Any, Any, T], seconds: float) -> T:
    """The result of the work; the work is cancelled when it takes too long or nobody waits.

    The body of the request must have been read.

    Raises:
        TimeoutError: it took longer than `seconds`.
        ClientDisconnect: the client has gone.
    """
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        async with asyncio.timeout(seconds):
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        task.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
