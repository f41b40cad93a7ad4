"""Every limit, from both sides; what is refused is refused early, and leaves no trace."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from biprompt.errors import InputError
from biprompt.server.images import HeldImage, Images
from biprompt.server.settings import Limits, Settings

CLICK = {"points": [{"x": 20, "y": 20}]}


def test_upload_size(serve: Any, make_png: Any) -> None:
    site, data = serve(upload_bytes=10_000), make_png()
    room = 10_000 + 64 * 1024 - len(data)
    assert site.send(data + bytes(room)).status == 201
    reply = site.send(data + bytes(room + 1))
    assert (reply.status, reply.error["kind"]) == (413, "size")
    assert site.send(data).status == 201


def test_upload_that_does_not_say_its_size_is_cut_off(serve: Any) -> None:
    site, sent = serve(upload_bytes=10_000), 0
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(
            b"POST /v1/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        part = b"8000\r\n" + bytes(0x8000) + b"\r\n"
        connection.settimeout(0.05)
        answer = b""
        while not answer and sent < 200:
            connection.sendall(part)
            sent += 1
            try:
                answer = connection.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 413") and sent < 20


def test_json_size(serve: Any) -> None:
    site = serve(json_bytes=2000)
    id = site.image()
    assert site.segment(id).status == 200
    reply = site.segment(id, {"polygon": [[1.5, 1.5]] * 300})
    assert (reply.status, reply.error["expected"]) == (413, "at most 2000 bytes")


def test_values_in_json(serve: Any) -> None:
    site = serve(json_values=100)
    id = site.image()
    assert (
        site.segment(id, {"polygon": [[1, 1], [40, 2], [30, 20]] + [[1, 1.5]] * 40}).status == 200
    )
    reply = site.segment(id, {"polygon": [[1, 1], [40, 2], [30, 20]] + [[1, 1.5]] * 60})
    assert (reply.status, reply.error["expected"]) == (413, "at most 100 values")
    assert site.segment(id, {str(n): 1 for n in range(101)}).status == 413
    assert site.segment(id).status == 200


def test_bytes_of_all_requests_together(serve: Any, make_png: Any) -> None:
    site = serve(upload_bytes=200_000, body_bytes=150_000)
    reply = site.send(make_png() + bytes(160_000))
    assert (reply.status, reply.error["what"]) == (503, "memory for requests")
    assert int(reply.headers["Retry-After"]) >= 1
    assert site.send(make_png() + bytes(100_000)).status == 201
    site.until(lambda: site.service.room.nbytes == 0)  # what was counted is let go


def test_prompts_in_one_request(serve: Any) -> None:
    site = serve(prompts=3)
    id = site.image()
    assert site.segment(id, *[CLICK] * 3).status == 200
    reply = site.segment(id, *[CLICK] * 4)
    assert (reply.status, reply.error["expected"]) == (422, "at most 3")


@pytest.mark.parametrize("member", ["text", "negative_text"])
def test_length_of_a_phrase(serve: Any, member: str) -> None:
    site = serve(phrase_chars=10)
    id = site.image()
    assert site.segment(id, {**CLICK, member: "x" * 10}).status == 200
    reply = site.segment(id, {**CLICK, member: "x" * 11})
    assert (reply.status, reply.error["expected"]) == (422, "at most 10 characters")


def test_images_of_one_client(serve: Any, make_png: Any) -> None:
    site = serve(client_images=3)
    first, *others = [site.image(make_png(seed)) for seed in range(3)]
    assert site.segment(first).status == 200  # now the most recently used
    new = site.image(make_png(3))
    found = [site.ask("GET", f"/v1/images/{id}").status for id in (first, *others, new)]
    assert found == [200, 404, 200, 200]
    assert len(site.service.looks.kept) == 3


def test_bytes_of_one_client_push_out_nobody_else() -> None:
    limits = Limits(upload_bytes=100, client_image_bytes=250, image_bytes=1000)
    images = Images(limits, lambda image, last: None)
    other = HeldImage("b", "x", bytes(100), "other", (1, 1))
    images.add(other)
    own = [HeldImage("a", "x", bytes(100), str(n), (1, 1)) for n in range(5)]
    for image in own:
        images.add(image)
    assert [id for id, _ in images.kept.items()] == [other.id, own[3].id, own[4].id]


def test_bytes_of_all_images(serve: Any, make_png: Any) -> None:
    files = [make_png(seed) for seed in range(4)]
    room = sum(map(len, files[1:]))
    site = serve(image_bytes=room, client_image_bytes=room, upload_bytes=10_000)
    ids = [site.image(data) for data in files]
    assert [site.ask("GET", f"/v1/images/{id}").status for id in ids] == [404, 200, 200, 200]
    assert site.service.images.kept.nbytes == room


def test_images_expire(serve: Any, make_png: Any) -> None:
    site, now = serve(image_seconds=100.0), [0.0]
    site.service.images._clock = lambda: now[0]
    old, used = site.image(make_png(0)), site.image(make_png(1))
    for now[0] in (60.0, 120.0):
        assert site.segment(used).status == 200
    assert site.ask("GET", f"/v1/images/{old}").status == 404
    assert len(site.service.looks.kept) == len(site.service.images.kept) == 1


def test_embeddings_beyond_the_limit_are_made_again(
    serve: Any, model: Any, make_png: Any, embedded: Any, make_photo: Any
) -> None:
    room = 2 * embedded.embed(make_photo(0)).nbytes
    site = serve(embedding_bytes=room, pixels=10_000)
    ids = [site.image(make_png(seed)) for seed in range(3)]
    assert site.service.looks.kept.nbytes <= room and len(model.looks) == 3
    assert [site.segment(id).status for id in ids] == [200] * 3
    assert len(model.looks) > 3
    assert site.ask("GET", f"/v1/images/{ids[0]}").json["state"] in ("embedding", "ready")


def test_requests_at_a_time(serve: Any, model: Any) -> None:
    site = serve(in_flight=2, client_in_flight=2, answer_seconds=50)
    id = site.image()
    model.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(site.segment, id) for _ in range(2)]
        site.until(lambda: site.service.room.in_flight == 2)
        reply = site.segment(id)
        assert (reply.status, reply.error["kind"]) == (503, "busy")
        assert site.ask("GET", "/healthz").status == 200  # whoever watches is answered
        assert site.ask("GET", "/readyz").status == 200
        assert site.ask("GET", "/metrics").status == 200
        model.gate.set()
        assert [one.result().status for one in held] == [200, 200]
    assert site.segment(id).status == 200


def test_requests_of_one_client_at_a_time(serve: Any, model: Any) -> None:
    site = serve(in_flight=10, client_in_flight=1)
    id = site.image()
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(site.segment, id)
        site.until(lambda: site.service.room.in_flight == 1)
        reply = site.segment(id)
        assert (reply.status, reply.error["kind"]) == (429, "busy")
        assert reply.headers["Retry-After"] == "1"
        model.gate.set()
        assert held.result().status == 200
    assert site.segment(id).status == 200


def test_body_that_does_not_come(serve: Any) -> None:
    site = serve(body_seconds=0.3)
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(
            b"POST /v1/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
            b"Content-Length: 1000\r\n\r\nhalf of it"
        )
        answer = connection.recv(2000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert site.ask("GET", "/v1/limits").status == 200


def test_client_that_does_not_read_blocks_nobody(serve: Any, make_png: Any) -> None:
    site = serve(send_seconds=1.0)
    id = site.image(make_png(0, (1500, 1500)))
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        head = f"GET /v1/images/{id}/pixels HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        connection.sendall(head * 20)
        started = time.monotonic()
        assert site.segment(id).status == 200
        assert time.monotonic() - started < 20
    site.until(lambda: site.service.room.in_flight == 0)


def test_answers_in_time(serve: Any, model: Any) -> None:
    site = serve(answer_seconds=0.3)
    id = site.image()
    model.gate.clear()
    reply = site.segment(id)
    assert (reply.status, reply.error["kind"]) == (504, "timeout")
    model.gate.set()
    site.until(lambda: site.segment(id).status == 200)


def test_upload_in_time(serve: Any, model: Any, make_png: Any) -> None:
    site = serve(answer_seconds=0.3)
    model.shutter.clear()
    assert site.send(make_png(0)).status == 201  # decoded; only the look takes its time
    assert site.send(make_png(1)).status == 504  # waits behind it
    model.shutter.set()
    site.until(lambda: site.send(make_png(1)).status == 201)


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_limits_are_above_zero(value: float) -> None:
    with pytest.raises(InputError, match="limit pixels: expected more than 0"):
        Limits(pixels=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"upload_bytes": 2000, "client_image_bytes": 1000}, "client_image_bytes: .* upload_bytes"),
        ({"client_image_bytes": 2**40}, "image_bytes: .* client_image_bytes"),
        ({"embedding_bytes": 1000}, "embedding_bytes: .* 3 bytes for each of pixels"),
    ],
)
def test_limits_leave_room_for_one_image(values: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=f"limit {message}"):
        Limits(**values)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_other_addresses_demand_a_token(host: str) -> None:
    with pytest.raises(InputError, match="token: expected a token for an address"):
        Settings(host=host)
    assert Settings(host=host, token="0123456789abcdef").token


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8", "LOCALHOST"])
def test_loopback_addresses_need_none(host: str) -> None:
    assert Settings(host=host).token is None


@pytest.mark.parametrize("token", ["", "short", "x" * 15, "a b" * 10, "é" * 20, "x\n" * 20])
def test_tokens_that_can_be_guessed_or_not_be_sent(token: str) -> None:
    with pytest.raises(InputError, match="token: expected at least 16") as caught:
        Settings(token=token)
    assert not token or token not in str(caught.value)


def test_settings_do_not_show_the_token() -> None:
    assert "0123456789abcdef" not in repr(Settings(token="0123456789abcdef"))


def test_no_thread_is_left(serve: Any) -> None:
    site = serve()
    site.segment(site.image())
    site.service.close()
    site.until(lambda: not [t for t in threading.enumerate() if t.name.startswith("biprompt-")])
