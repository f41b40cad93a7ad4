"""What goes wrong on the way: the next request works, and nothing half-done stays."""

from __future__ import annotations

import errno
import logging
import shutil
import socket
import struct
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import Watched, running

import biprompt
from biprompt.cache import DiskCache
from biprompt.errors import ModelError, WeightsError
from biprompt.segmenter import Segmenter
from biprompt.segmenter.warming import warm_up
from biprompt.server.settings import Settings
from biprompt.zoo.registry import MODELS

CLICK = b'{"prompts":[{"points":[{"x":20,"y":20}]}]}'


def go_away(
    site: Any, path: str, body: bytes, kind: str, *, sent: int | None = None, queued: bool = False
) -> None:
    """Ask, and cut the connection without waiting for the answer.

    Where `queued`, not before the question waits behind another one.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    connection.sendall(head + body[:sent])
    if queued:
        site.until(lambda: site.service.batcher.waiting > 0)
    elif sent is None:
        site.model.entered.acquire(timeout=20)
    linger = struct.pack("ii", 1, 0)  # a reset, as from a machine that is gone
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


def test_client_gone_while_the_model_works(serve: Any, model: Any) -> None:
    site = serve()
    id = site.image()
    model.gate.clear()
    go_away(site, f"/v1/images/{id}/segment", CLICK, "application/json")
    model.gate.set()
    assert site.segment(id).status == 200
    assert len(site.service.answers.kept) == 1  # nobody knows the id of the other


def test_client_gone_while_it_waits_is_not_answered(serve: Any, model: Any) -> None:
    site = serve(settings={"workers": 1})
    id = site.image()
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(site.segment, id)
        site.until(lambda: model.calls)
        go_away(site, f"/v1/images/{id}/segment", CLICK, "application/json", queued=True)
        site.until(lambda: site.service.batcher.waiting == 0)
        model.gate.set()
        assert held.result().status == 200
    assert sum(map(len, model.calls)) == 1


def test_client_gone_while_it_sends(serve: Any, make_png: Any) -> None:
    site = serve()
    go_away(site, "/v1/images", make_png() + bytes(10_000), "image/png", sent=2000)
    assert site.image()
    assert len(site.service.images.kept) == 1


def test_client_gone_during_the_look_leaves_it_to_others(
    serve: Any, model: Any, make_png: Any
) -> None:
    site = serve()
    model.shutter.clear()
    id = site.send(make_png()).json["id"]
    model.entered.acquire(timeout=20)
    model.entered.release()
    with ThreadPoolExecutor(1) as pool:
        go_away(site, f"/v1/images/{id}/segment", CLICK, "application/json")
        other = pool.submit(site.segment, id)
        model.shutter.set()
        assert other.result().status == 200
    assert len(model.looks) == 1


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (ModelError("compact decoder: /secret/path failed"), 500, "model"),
        (RuntimeError("/secret/path"), 500, "server"),
        (MemoryError(), 503, "busy"),
        (OSError(errno.ENOSPC, "No space left on device", "/secret/path"), 500, "server"),
    ],
)
def test_model_that_raises(
    serve: Any, model: Any, error: Exception, status: int, kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    site = serve()
    id = site.image()
    model.error, model.failures = error, 1
    with caplog.at_level(logging.ERROR, logger="biprompt.server"):
        reply = site.segment(id, {"points": [{"x": 20, "y": 20}], "text": "my secret phrase"})
    assert (reply.status, reply.error["kind"]) == (status, kind)
    assert b"secret" not in reply.body and "my secret phrase" not in caplog.text
    assert "a request failed" in caplog.text
    assert reply.headers["content-security-policy"] and reply.headers["x-content-type-options"]
    assert site.segment(id).status == 200


def test_model_that_raises_while_looking(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    model.look_failures, model.error = 1, RuntimeError("/secret/path")
    id = site.image(make_png())
    model.look_failures = 1
    assert site.segment(id).status == 500
    assert site.segment(id).status == 200
    assert site.ask("GET", f"/v1/images/{id}/pixels").status == 200


def test_damaged_cache_file(serve: Any, model: Any, make_png: Any, tmp_path: Path) -> None:
    model._looker._disk = DiskCache(tmp_path)
    site = serve()
    wanted = site.segment(site.image(make_png(1))).json["answers"][0]["mask"]
    for damage in (lambda data: data[:-9], lambda data: b"", lambda data: b"junk"):
        files = list(tmp_path.rglob("*.embedding"))
        assert files
        for file in files:
            file.write_bytes(damage(file.read_bytes()))
        for digest, _ in site.service.looks.kept.items():
            site.service.looks.kept.pop(digest)
        assert site.segment(site.image(make_png(1))).json["answers"][0]["mask"] == wanted
    assert not list(tmp_path.rglob("*.tmp"))


def test_disk_that_is_full(serve: Any, model: Any, make_png: Any, full_disk: Path) -> None:
    """Nothing that a client sends or takes needs the disk; the cache can do without."""
    model._looker._disk = DiskCache(full_disk)
    site = serve()
    id = site.image(make_png(1) + bytes(2**21))
    assert site.segment(id).status == 200
    mask = site.segment(id).json["answers"][0]["mask"]
    body = {
        "image": {"id": id, "name": "a.png", "width": 192, "height": 24},
        "objects": [{"label": "thing", "colour": "#ff0000", "mask": mask}] * 3,
    }
    for format in ("png", "overlay", "coco", "yolo"):
        reply = site.ask("POST", "/v1/export", {**body, "format": format})
        assert reply.status == 200, reply.body
    assert [path for path in full_disk.rglob("*") if path.is_file() and path.name != "filler"] == []


@pytest.fixture
def full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder on which nothing can be written, which is also the one for temporary files."""
    folder = tmp_path / "full"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if mounted:
        with pytest.raises(OSError, match="No space left"):
            (folder / "filler").write_bytes(bytes(2**20))
    else:

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", refuse)
        monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
        monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    if mounted:
        subprocess.run(["umount", str(folder)], check=False)


def test_model_with_damaged_weights_does_not_start(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(MODELS["compact"].folder, tmp_path / "model"))
    decoder = folder / "decoder.onnx"
    decoder.write_bytes(decoder.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="decoder"):
        warm_up(biprompt.load(folder))


def test_stop_lets_requests_end(embedded: Segmenter, make_png: Any) -> None:
    model = Watched(embedded)
    with ThreadPoolExecutor(1) as pool:
        with running(model, Settings()) as site:
            id = site.image(make_png())
            model.gate.clear()
            held = pool.submit(site.segment, id)
            model.entered.acquire(timeout=20)
        # leaving the context opened the gate and asked the server to stop
        assert held.result().status == 200
    with pytest.raises(OSError):
        site.ask("GET", "/healthz")
