"""A real server on a loopback port, around the embedded model, which can be watched and stopped."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import uvicorn
from PIL import Image

import biprompt
from biprompt.errors import ModelError
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.segmenter import Segmenter
from biprompt.server.app import create_app
from biprompt.server.run import listen
from biprompt.server.service import Service
from biprompt.server.settings import Limits, Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 60.0


class Watched(Segmenter):
    """The embedded model; counts its calls, waits where it is told to, fails where it is told to.

    `gate` holds back answers and `shutter` looks; `entered` tells that a call waits there.
    """

    def __init__(self, model: Segmenter) -> None:
        super().__init__(model.runtime, model.reader, policy=model.policy)
        self.looks: list[tuple[int, ...]] = []
        self.calls: list[list[Prompt]] = []
        self.failures = self.look_failures = 0
        self.poison: str | None = None
        self.error: Exception = ModelError("told to, by /secret/path")
        self.gate, self.shutter = threading.Event(), threading.Event()
        self.entered = threading.Semaphore(0)
        self.open()

    def open(self) -> None:
        self.gate.set()
        self.shutter.set()

    def forget(self) -> None:
        """Leave out what happened before, such as warming up."""
        self.looks.clear()
        self.calls.clear()

    def embed(self, image: Any) -> Any:
        if isinstance(image, np.ndarray):
            self.looks.append(image.shape)
            self._wait(self.shutter)
            if self.look_failures:
                self.look_failures -= 1
                raise self.error
        return super().embed(image)

    def segment_many(
        self, image: Any, prompts: Sequence[Prompt], *, policy: Any = None, **more: Any
    ) -> list[Segmentation]:
        self.calls.append(list(prompts))
        self._wait(self.gate)
        if self.failures:
            self.failures -= 1
            raise self.error
        if any(p.text is not None and p.text.phrase == self.poison for p in prompts):
            raise self.error
        return super().segment_many(image, prompts, policy=policy, **more)

    def _wait(self, event: threading.Event) -> None:
        if not event.is_set():
            self.entered.release()
            event.wait(PATIENCE)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The facts of an error, whose form is checked."""
        facts = self.json["error"]
        assert set(facts) == {"kind", "what", "expected", "actual", "message"}
        assert all(isinstance(v, str) and "\n" not in v for v in facts.values())
        return facts


@dataclass(frozen=True)
class Site:
    """A running server."""

    port: int
    model: Watched
    service: Service

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request; a body that is no bytes goes as JSON, headers as keyword_arguments."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            given.setdefault("content-type", "application/json")
        connection = self.connect()
        try:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def send(self, data: bytes, kind: str = "image/png", name: str = "") -> Reply:
        return self.ask("POST", f"/v1/images?name={name}", data, content_type=kind)

    def image(self, data: bytes | None = None) -> str:
        """The id of a new image, which is ready."""
        reply = self.send(png() if data is None else data)
        assert reply.status == 201, reply.body
        id = str(reply.json["id"])
        self.until(lambda: self.ask("GET", f"/v1/images/{id}").json["state"] != "embedding")
        return id

    def segment(self, id: str, *prompts: dict[str, Any], **more: Any) -> Reply:
        body = {"prompts": list(prompts) or [{"points": [{"x": 20, "y": 20}]}], **more}
        return self.ask("POST", f"/v1/images/{id}/segment", body)

    def until(self, true: Callable[[], Any]) -> None:
        """Wait for something."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)


def photo(seed: int = 0, hw: tuple[int, int] = (24, 192)) -> Any:
    """Smooth noise; wide and low, as the model then has little to look at."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((hw[1], hw[0])))


def png(seed: int = 0, hw: tuple[int, int] = (24, 192)) -> bytes:
    stream = BytesIO()
    Image.fromarray(photo(seed, hw)).save(stream, "PNG")
    return stream.getvalue()


@contextmanager
def running(model: Watched, settings: Settings, review: Any = None) -> Iterator[Site]:
    """Serve in a thread until the end of the context."""
    app = create_app(settings, model, review)
    place = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        app, http="h11", ws="none", lifespan="on", log_config=None, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([place],), daemon=True)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.005)
    assert server.started
    model.forget()
    try:
        yield Site(place.getsockname()[1], model, app.state.service)
    finally:
        model.open()
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(scope="session")
def embedded() -> Segmenter:
    """The embedded model on one thread, whose answers do not depend on the machine."""
    return biprompt.load(threads=1)


@pytest.fixture
def model(embedded: Segmenter) -> Watched:
    return Watched(embedded)


@pytest.fixture
def serve(model: Watched) -> Iterator[Callable[..., Site]]:
    """Start a server with these limits; `settings` are its other settings."""
    open_sites: list[Any] = []

    def start(*, settings: dict[str, Any] | None = None, review: Any = None, **limits: Any) -> Site:
        context = running(model, Settings(**(settings or {}), limits=Limits(**limits)), review)
        open_sites.append(context)
        return context.__enter__()

    yield start
    for context in reversed(open_sites):
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def site(embedded: Segmenter) -> Iterator[Site]:
    """A server with the usual limits, for all tests of a module."""
    with running(Watched(embedded), Settings()) as site:
        yield site


@pytest.fixture(scope="session")
def make_png() -> Callable[..., bytes]:
    """Make an image file: `make_png(seed, hw)`."""
    return png


@pytest.fixture(scope="session")
def make_photo() -> Callable[..., Any]:
    """Make the pixels of that file."""
    return photo


@pytest.fixture(scope="session")
def chelsea() -> bytes:
    """A photograph of a cat, 451 x 300, JPEG."""
    return (EXAMPLES / "chelsea.jpg").read_bytes()
