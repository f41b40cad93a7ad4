"""The port, and the address that is told."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from biprompt.errors import InputError
from biprompt.server.run import listen, url_of


def test_small_answers_are_sent_at_once(site: Any) -> None:
    """Without TCP_NODELAY each of them would wait 40 ms for the client's acknowledgement."""
    with listen("127.0.0.1", 0) as place:
        assert place.proto == socket.IPPROTO_TCP
    connection, seconds = site.connect(), []
    for _ in range(15):
        started = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        seconds.append(time.perf_counter() - started)
    connection.close()
    assert min(seconds) < 0.03


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_one_server_has_a_port(host: str) -> None:
    with listen(host, 0) as place, pytest.raises(InputError, match="port: expected a free one"):
        listen(host, place.getsockname()[1])


def test_addresses_that_are_none() -> None:
    with pytest.raises(InputError, match="host: expected an address of this machine, got nowhere"):
        listen("nowhere.invalid", 0)
    with pytest.raises(InputError, match="port: expected a free one"):
        listen("192.0.2.1", 0)  # of another machine


def test_the_address_for_a_browser() -> None:
    with listen("127.0.0.1", 0) as place:
        port = place.getsockname()[1]
        assert url_of("localhost", place, None) == f"http://localhost:{port}/"
        assert url_of("::1", place, None) == f"http://[::1]:{port}/"
        assert url_of("127.0.0.1", place, "secret") == f"http://127.0.0.1:{port}/#token=secret"
        assert url_of("0.0.0.0", place, None) == f"http://{socket.gethostname()}:{port}/"
