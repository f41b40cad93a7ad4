"""`biprompt serve` as a process: what it prints, how it fails, how it stops."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

SECONDS = 60


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command; it is ended with the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "biprompt", "serve", *arguments]
        environment = {**os.environ, "BIPROMPT_THREADS": "1", **variables}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        processes.append(process)
        threading.Timer(SECONDS, process.kill).start()
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> tuple[str, int, str]:
    """Host, port and fragment of the line that says where to look."""
    assert process.stdout is not None
    found = re.fullmatch(r"http://(.+):(\d+)/(.*)\n", process.stdout.readline())
    assert found is not None
    assert process.stdout.readline() == "(Ctrl-C stops)\n"
    return found[1], int(found[2]), found[3]


def get(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_starts_answers_and_stops_cleanly(start: Any, number: int) -> None:
    process = start("--port", "0", "--access-log")
    host, port, fragment = address(process)
    assert (host, fragment) == ("127.0.0.1", "")
    reply = get(port, "/readyz")
    assert reply.status == 200 and reply.getheader("server") is None
    assert get(port, "/").status in (200, 404)
    held = socket.create_connection(("127.0.0.1", port))  # an idle client does not keep it
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    held.close()
    assert (process.returncode, out) == (0, "stopped\n")
    assert '"route": "/readyz", "status": 200' in err and "Traceback" not in err


def test_quiet_by_default(start: Any) -> None:
    process = start("--port", "0")
    get(address(process)[1], "/readyz").read()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=SECONDS) == ("stopped\n", "")


def test_port_in_use_is_one_line(start: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start("--port", str(taken.getsockname()[1]))
        out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (2, "")
    assert re.fullmatch(r"biprompt: error: port: expected a free one; .* in use\n", err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "no.such.host.invalid", "--token", "0123456789abcdef"], "host: expected an ad"),
        (["--token", "short"], "token: expected at least 16"),
        (["--model", "sam-99"], "model: expected"),
        (["--port", "99999"], "Invalid value for '--port'"),
        (["--queue", "0"], "Invalid value for '--queue'"),
    ],
)
def test_what_is_wrong_is_one_line(start: Any, arguments: list[str], message: str) -> None:
    process = start("--port", "0", *arguments)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2 and out == ""
    assert err.count("\n") == 1 and message in err


def test_other_addresses_get_a_token(start: Any) -> None:
    process = start("--host", "0.0.0.0", "--port", "0", "--no-access-log")
    _, port, fragment = address(process)
    token = fragment.removeprefix("#token=")
    assert len(token) >= 32
    assert get(port, "/v1/models").status == 401
    assert get(port, "/v1/models", Authorization=f"Bearer {token}").status == 200


def test_token_of_the_environment(start: Any) -> None:
    token = "from-the-environment"
    process = start("--port", "0", BIPROMPT_TOKEN=token)
    _, port, fragment = address(process)
    assert fragment == f"#token={token}"
    assert get(port, "/v1/models").status == 401


def test_missing_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['fastapi'] = None; from biprompt.cli import main;"
        "raise SystemExit(main(['serve', '--port', '0']))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.endswith('needs: pip install "biprompt[serve]"\n')
    assert result.stderr.count("\n") == 1


def test_browser_is_opened_when_asked(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from biprompt.cli import serve
    from biprompt.server import run as running

    opened: list[str] = []
    monkeypatch.setattr(serve.webbrowser, "open", opened.append)
    monkeypatch.setattr(running, "log_to_stderr", lambda **_: None)  # it is for a whole process
    monkeypatch.setattr(running, "run", lambda app, place, limits, started: started())
    result = run("serve", "--port", "0", "--open")
    assert result.status == 0
    for _ in range(100):
        if opened:
            break
        threading.Event().wait(0.05)
    assert opened == [result.out.split("\n")[0]]
    assert run("serve", "--port", "0", "--no-open").status == 0 and len(opened) == 1
