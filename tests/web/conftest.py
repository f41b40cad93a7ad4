"""A real browser on a real server: Debian's Chromium, driven by Playwright, on loopback only."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from .driver import Bench

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("BIPROMPT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
# Nothing of the browser's own may reach for the network either.
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@contextlib.contextmanager
def serving(arguments: Sequence[str] = (), **environment: str) -> Iterator[str]:
    """`biprompt serve` with the embedded model; gives the address that it prints."""
    pytest.importorskip("fastapi", reason="biprompt[serve] is not installed")
    command = [sys.executable, "-m", "biprompt", "serve", "--port", "0", "--no-open", *arguments]
    around = os.environ | environment
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http://127.0.0.1:"):
            process.kill()
            pytest.fail(f"the server said {url!r}")
        yield url
        process.terminate()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that lets everybody on this machine in."""
    with serving() as url:
        yield url


@pytest.fixture
def guarded() -> Iterator[str]:
    """The address, with its token, of a server that demands one."""
    with serving(BIPROMPT_TOKEN="a-token-of-sixteen-letters") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; tests are skipped without it."""
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium found (Debian: apt-get install chromium, or BIPROMPT_CHROMIUM)")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def window() -> dict[str, Any]:
    """How large the window is; a test that needs another one overrides this."""
    return {"viewport": {"width": 1280, "height": 860}}


@contextlib.contextmanager
def opened(browser: Any, server: str, **window: Any) -> Iterator[Bench]:
    """The page. At the end: no console error, and no request left the machine."""
    context = browser.new_context(accept_downloads=True, **window)
    bench = Bench(context.new_page(), server)
    bench.page.goto(server)
    yield bench
    context.close()
    allowed = (server, f"blob:{server}", "data:")
    assert [url for url in bench.requests if not url.startswith(allowed)] == []
    assert [line for line in bench.console if not any(ok in line for ok in bench.forgiven)] == []


@pytest.fixture
def bench(browser: Any, server: str, window: dict[str, Any]) -> Iterator[Bench]:
    """The page, opened anew for every test."""
    with opened(browser, server, **window) as bench:
        yield bench


@pytest.fixture(scope="session")
def lab(browser: Any, server: str) -> Iterator[Bench]:
    """One page for all tests that only run its modules."""
    with opened(browser, server) as bench:
        yield bench


@pytest.fixture(scope="session")
def photo() -> Path:
    """A photograph of a cat, 451 x 300 pixels."""
    return Path(__file__).parents[2] / "examples" / "chelsea.jpg"


@pytest.fixture
def session_file(tmp_path: Path) -> Any:
    """Writes a session file and gives its path."""

    def write(content: Any) -> Path:
        path = tmp_path / "some.biprompt.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write
