"""The Python client: the calls and answers of a loaded model, and its errors."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.errors import ImageError, InputError, ModelError, PromptError
from biprompt.prompts import Prompt
from biprompt.results import Segmentation, Verdict
from biprompt.selection import Policy
from biprompt.server.client import Client

PHOTO = Path(__file__).parents[2] / "examples" / "chelsea.jpg"
VALUES: list[dict[str, Any]] = [
    {"points": [(220, 140)]},
    {"points": [(220, 140), (430, 220)], "labels": [1, 0], "text": "cat"},
    {"box": (40, 20, 330, 290), "negative_text": "dog", "text": "cat"},
    {"scribbles": [[(150, 100), (200, 150)], ([(5, 5)], 0)]},
    {"polygon": [(40, 20), (330, 25), (200, 290)]},
    {"mask": np.indices((300, 451)).sum(0) < 200, "points": [(20, 20)]},
    {"text": "zzxqv"},
]


@pytest.fixture(scope="module")
def client(site: Any) -> Client:
    return Client(site.url)


@pytest.fixture(scope="module")
def cat(client: Client) -> Any:
    return client.embed(PHOTO)


def same(a: Segmentation, b: Segmentation) -> None:
    assert (a.verdict, a.phrase, a.model, a.card.reason) == (
        b.verdict,
        b.phrase,
        b.model,
        b.card.reason,
    )
    assert (a.card.winner, a.card.metric, a.card.pool) == (
        b.card.winner,
        b.card.metric,
        b.card.pool,
    )
    assert a.presence == pytest.approx(b.presence, abs=2e-6)
    for one, other in zip([a.mask, *a.card.masks()], [b.mask, *b.card.masks()], strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(a.card.candidates, b.card.candidates, strict=True):
        assert (one.source, one.index) == (other.source, other.index)
        assert one.score == pytest.approx(other.score, abs=2e-6)


@pytest.mark.parametrize("values", VALUES)
def test_answers_are_those_of_the_model(site: Any, client: Client, cat: Any, values: Any) -> None:
    policy = Policy(pool="wide")
    own = site.model.segment(str(PHOTO), policy=policy, **values)
    same(client.segment(cat, policy=policy, **values), own)
    same(client.segment_many(cat, [Prompt.build(**values)], policy=policy)[0], own)


def test_refined_answer(site: Any, client: Client, cat: Any) -> None:
    points, labels = [(220, 140), (430, 220)], [1, 0]
    first = client.segment(cat, points=points[:1])
    own = site.model.segment(str(PHOTO), points=points[:1])
    better = client.segment(cat, points=points, labels=labels, mask=first)
    same(better, site.model.segment(str(PHOTO), points=points, labels=labels, mask=own))
    client.segment(cat, points=points, mask=own)  # an answer of a model here is a mask


def test_answers_can_be_saved(client: Client, cat: Any, tmp_path: Path) -> None:
    answer = client.segment(cat, points=[(220, 140)])
    answer.save(tmp_path / "cat.png")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "cat.png")) > 0, answer.mask)
    assert answer.image_path == "chelsea.jpg" and answer.to_dict()["area"] == answer.mask.sum()


def test_images_of_every_kind(client: Client) -> None:
    pixels = np.asarray(Image.open(PHOTO))
    for image in (str(PHOTO), PHOTO.read_bytes(), pixels, Image.open(PHOTO)):
        assert client.embed(image).hw == (300, 451)
    assert client.segment(PHOTO, text="cat").verdict is Verdict.FOUND
    assert client.segment_many(PHOTO, []) == []


def test_let_go(client: Client) -> None:
    scene = client.embed(PHOTO)
    client.remove(scene)
    with pytest.raises(InputError, match="image: expected the id of one that is held"):
        client.segment(scene, text="cat")


def test_errors_are_those_of_the_model(client: Client, cat: Any, tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="point: expected 0 <= x < 451"):
        client.segment(cat, points=[(500, 5)])
    with pytest.raises(PromptError, match="prompt: expected a point, box"):
        client.segment(cat)
    with pytest.raises(PromptError, match="a prompt or plain values"):
        client.segment(cat, prompt=Prompt.build(text="cat"), text="cat")
    with pytest.raises(ImageError, match="image file"):
        client.embed(b"junk")
    with pytest.raises(ImageError, match=r"none\.png: image file: expected a readable file"):
        client.embed(tmp_path / "none.png")
    mask = np.ones((4, 4), bool)
    example = Prompt.build(text="cat", examples=[(np.zeros((4, 4, 3), np.uint8), mask)])
    with pytest.raises(PromptError, match="examples: expected points"):
        client.segment(cat, prompt=example)


def test_failures(serve: Any, model: Any) -> None:
    site = serve()
    client = Client(site.url)
    scene = client.embed(PHOTO)
    model.failures = 1
    with pytest.raises(ModelError, match="model: expected an answer, got a failure"):
        client.segment(scene, text="cat")
    assert client.segment(scene, text="cat").mask.any()


def test_token(serve: Any) -> None:
    token = "0123456789abcdef"
    site = serve(settings={"token": token})
    assert Client(site.url, token=token).embed(PHOTO).hw == (300, 451)
    for wrong in (None, "another one, but long"):
        with pytest.raises(InputError, match="token: expected Authorization"):
            Client(site.url, token=wrong).embed(PHOTO)


def test_busy_server_is_asked_again(serve: Any, model: Any) -> None:
    site = serve(waiting=1, settings={"workers": 1})
    client = Client(site.url)
    scene = client.embed(PHOTO)
    site.until(lambda: site.service.looks.kept)
    model.gate.clear()
    threads = [threading.Thread(target=client.segment, args=(scene,), kwargs={"text": "cat"})]
    threads[0].start()
    site.until(lambda: model.calls)
    threads.append(threading.Thread(target=client.segment, args=(scene,), kwargs={"text": "cat"}))
    threads[1].start()
    site.until(lambda: site.service.batcher.waiting == 1)
    with pytest.raises(ModelError, match="queue: expected room"):
        Client(site.url, patience=0).segment(scene, text="cat")
    threading.Timer(0.2, model.gate.set).start()
    assert client.segment(scene, text="cat").mask.any()
    for thread in threads:
        thread.join()


def test_no_server(site: Any) -> None:
    with pytest.raises(
        InputError, match=r"server: expected a biprompt server at http://127\.0\.0\.1:9"
    ):
        Client("http://127.0.0.1:9").embed(PHOTO)


@pytest.mark.parametrize("url", ["", "127.0.0.1:80", "ftp://a", "file:///etc/passwd", "http://"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(InputError, match="server: expected an http or https URL"):
        Client(url)


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server that is not ours, and sends elsewhere."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(302 if "302" in self.path else 500)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(b"<html>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_server_that_is_another(stranger: str) -> None:
    with pytest.raises(ModelError, match="server: expected an answer of biprompt, got status 500"):
        Client(stranger).embed(PHOTO)
    with pytest.raises(InputError, match="got status 302"):  # the token goes nowhere else
        Client(f"{stranger}/302", token="0123456789abcdef").embed(PHOTO)


def test_needs_no_extra() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['fastapi', 'starlette', 'uvicorn', "
        "'pydantic', 'prometheus_client', 'torch', 'onnxruntime']));"
        "from biprompt.server.client import Client; Client()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
