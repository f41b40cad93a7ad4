"""A connection to Ray, quiet, and closed when it is no longer needed."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from biprompt.errors import InputError, MissingExtraError

CLIENT = "ray://"
KNOCK_SECONDS = 15.0
_STORE_BYTES = 2**28
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # it writes to the stderr of this process
    "RAY_worker_niceness": "0",  # 15 else: anything else on this machine would go first
}
"""Unless the caller says otherwise."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to a cluster, or start one on this machine; give the module `ray`.

    One that this process is connected to already is taken, and stays connected.

    Args:
        address: as in `Cluster`.

    Raises:
        MissingExtraError: Ray is not installed.
        InputError: there is no cluster at the address.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    ray = _ray()
    if ray.is_initialized():
        yield ray
        return
    # Else it prints on stdout what befalls nodes and actors, which are replaced anyway.
    ray._private.worker._worker_logs_enabled = False
    try:
        _connect(ray, address)
        yield ray
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        import ray
        import ray.data  # its own needs may be what is missing
    except ImportError as error:
        raise MissingExtraError("ray", "--ray") from error
    return ray


def quiet(data: Any) -> None:
    """Keep Ray Data from writing to the terminal.

    Args:
        data: the module `ray.data`.
    """
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False


def _connect(ray: Any, address: str) -> None:
    _knock(address)
    more: dict[str, Any] = {}
    if address == "local":
        more = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
    try:
        with _silent():
            ray.init(address, log_to_driver=False, logging_level=logging.CRITICAL, **more)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(
            "Ray", expected="a cluster that can be reached", actual=error, path=address
        ) from error


def _knock(address: str) -> None:
    """Raise InputError where nobody listens: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix(CLIENT).rpartition(":")
    if not (colon and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_SECONDS).close()
    except (OSError, OverflowError) as error:
        actual = getattr(error, "strerror", None) or error
        raise InputError(
            "Ray", expected="a cluster that can be reached", actual=actual, path=address
        ) from error


@contextmanager
def _silent() -> Iterator[None]:
    """Let nothing that is not Python write to stderr: Ray says there how much it will say there."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
