"""Who may ask: host names, other sites' pages, tokens, and what every answer says to a browser."""

from __future__ import annotations

import re
import socket
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.server.conftest import Watched, running

from biprompt.server.settings import Settings

TOKEN = "a-token-that-is-long-enough"
OPEN = ["/", "/healthz", "/readyz", "/docs", "/openapi.json", "/static/docs.css"]
CLOSED = ["/v1/models", "/v1/images/x", "/metrics", "/nope", "/static", "/v1/examples/chelsea.jpg"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:80", "127.9.9.9:1"])
def test_names_of_this_machine(site: Any, host: str) -> None:
    assert site.ask("GET", "/v1/limits", host=host).status == 200


OTHER_NAMES = (
    "evil.example 127.0.0.1.evil.example localhost.evil.example 10.0.0.1 [::1 evil.example:127 "
    "0.0.0.0 localhost@evil.example"
)


@pytest.mark.parametrize("host", [*OTHER_NAMES.split(), ""])
@pytest.mark.parametrize("path", ["/", "/v1/limits", "/healthz"])
def test_other_names_are_dns_rebinding(site: Any, host: str, path: str) -> None:
    reply = site.ask("GET", path, host=host)
    assert (reply.status, reply.error["kind"]) == (421, "host")


def test_no_name_at_all(site: Any) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(b"GET /v1/limits HTTP/1.0\r\n\r\n")
        assert b" 421 " in connection.recv(1000).splitlines()[0]


def test_more_names(serve: Any) -> None:
    site = serve(settings={"hosts": ("photos.home",)})
    assert site.ask("GET", "/v1/limits", host="photos.home:8000").status == 200
    assert site.ask("GET", "/v1/limits", host="other.home").status == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "file://"]
)
def test_pages_of_other_sites(site: Any, make_png: Any, origin: str) -> None:
    reply = site.ask("POST", "/v1/images", make_png(), content_type="image/png", origin=origin)
    assert (reply.status, reply.error["what"]) == (403, "origin")
    assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("where", ["cross-site", "same-site"])
def test_pages_of_other_sites_without_origin(site: Any, where: str) -> None:
    """As an <img> of another page asks."""
    assert site.ask("GET", "/v1/limits", sec_fetch_site=where).status == 403
    assert site.ask("GET", "/", sec_fetch_site=where).status != 403  # a link to the page is fine


def test_own_page(site: Any) -> None:
    assert site.ask("GET", "/v1/limits", origin=site.url).status == 200
    assert site.ask("GET", "/v1/limits", sec_fetch_site="same-origin").status == 200
    assert site.ask("GET", "/v1/limits", sec_fetch_site="none").status == 200


def test_no_cors_by_default(site: Any) -> None:
    reply = site.ask(
        "OPTIONS", "/v1/images", origin="http://evil.example", access_control_request_method="POST"
    )
    assert reply.status == 403 and not [h for h in reply.headers if h.startswith("access-control")]


def test_cors_for_those_who_are_named(serve: Any) -> None:
    friend = "https://friend.example"
    site = serve(settings={"origins": (friend,), "token": TOKEN})
    asked = {
        "access_control_request_method": "POST",
        "access_control_request_headers": "Authorization",
    }
    reply = site.ask("OPTIONS", "/v1/images", origin=friend, **asked)
    assert reply.status == 200 and reply.headers["access-control-allow-origin"] == friend
    reply = site.ask("GET", "/v1/limits", origin=friend, authorization=f"Bearer {TOKEN}")
    assert reply.status == 200 and reply.headers["access-control-allow-origin"] == friend
    assert site.ask("GET", "/v1/limits", origin=friend).status == 401
    reply = site.ask("OPTIONS", "/v1/images", origin="https://evil.example", **asked)
    assert "access-control-allow-origin" not in reply.headers


@pytest.fixture(scope="module")
def locked(embedded: Any) -> Any:
    with running(Watched(embedded), Settings(host="0.0.0.0", token=TOKEN)) as site:
        yield site


@pytest.mark.parametrize("path", OPEN)
def test_open_without_token(locked: Any, path: str) -> None:
    assert locked.ask("GET", path, host="any.example").status in (200, 404)


@pytest.mark.parametrize("path", CLOSED)
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x",
     f"Bearer {TOKEN[:-1]}", "Bearer \xe9"],
)  # fmt: skip
def test_closed_without_token(locked: Any, path: str, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    reply = locked.ask("GET", path, **headers)
    assert (reply.status, reply.error["kind"]) == (401, "token")
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in reply.body.decode()


@pytest.mark.parametrize("path", CLOSED)
def test_closed_with_token(locked: Any, path: str) -> None:
    assert locked.ask("GET", path, authorization=f"bearer {TOKEN}").status != 401
    assert locked.ask("GET", f"{path}?token={TOKEN}").status == 401  # it would be in logs


def test_no_token_no_work(locked: Any, make_png: Any) -> None:
    assert locked.send(make_png()).status == 401
    assert not locked.service.images.kept and not locked.model.looks


@pytest.mark.parametrize("path", [*OPEN, *CLOSED])
def test_every_answer_is_locked_down(site: Any, path: str) -> None:
    headers = site.ask("GET", path).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "server" not in headers or "uvicorn" in headers["server"]  # `run` leaves it out


class Outside(HTMLParser):
    """Everything a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(tag)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere(site: Any, path: str) -> None:
    reply = site.ask("GET", path)
    assert reply.status == 200 and reply.headers["content-type"].startswith("text/html")
    parser = Outside()
    parser.feed(reply.body.decode())
    assert not parser.inline
    for link in parser.links:
        assert not re.match(r"(?i)[a-z]+:|//", link), link
        if link.startswith("/"):
            assert site.ask("GET", link).status == 200, link


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
     "/static/%2fetc/passwd", "/v1/examples/..%2fCREDITS.md", "/v1/examples/CREDITS.md",
     "/v1/examples/%2fetc%2fpasswd", "/v1/examples/chelsea.jpg%00", "/static/docs.css%00.png"],
)  # fmt: skip
def test_paths_lead_nowhere_else(site: Any, path: str) -> None:
    reply = site.ask("GET", path)
    assert reply.status in (404, 405) and reply.error
    assert b"root:" not in reply.body and b"import" not in reply.body
