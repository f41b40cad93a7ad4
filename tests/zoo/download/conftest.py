"""A server of files on this machine, which breaks off, refuses or misunderstands when told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@dataclass
class Site:
    """What the server holds, how it behaves, and what it was asked.

    Attributes:
        files: content by path.
        cuts: after how many bytes each of the next answers breaks off.
        knows_ranges: whether it sends a part when asked for one.
        tells_length: whether it says how long a file is.
        status: what it answers instead of a file.
        asked: the ``Range`` of every request, None without one.
    """

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    knows_ranges: bool = True
    tells_length: bool = True
    status: int | None = None
    asked: list[str | None] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site, asked = self.site, self.headers["Range"]
        site.asked.append(asked)
        content = site.files.get(self.path)
        if site.status is not None or content is None:
            self.send_error(site.status or 404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and site.knows_ranges else 0
        if start and start >= len(content):
            self.send_error(416)
            return
        self._send(content[start:], 206 if start else 200)

    def _send(self, content: bytes, status: int) -> None:
        self.send_response(status)
        if self.site.tells_length:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.site.cuts.pop(0)] if self.site.cuts else content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    served = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneSite", (Handler,), {"site": served}))
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of models, empty."""
    monkeypatch.setenv("BIPROMPT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"
