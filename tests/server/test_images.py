"""Images: sent in every form, seen, let go of."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

BOUNDARY = "b0und"


def form(
    data: bytes, *, field: str = "file", filename: str = "photo.png", extra: str = ""
) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"'
        f"\r\nContent-Type: image/png\r\n\r\n"
    )
    return extra.encode() + head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def send_form(site: Any, body: bytes) -> Any:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return site.ask("POST", "/v1/images", body, content_type=kind)


def test_raw_bytes(site: Any, make_png: Any) -> None:
    reply = site.send(make_png(1), name="kitchen.png")
    told = reply.json
    assert reply.status == 201
    assert (told["name"], told["width"], told["height"]) == ("kitchen.png", 192, 24)
    assert told["model"] == "compact"
    assert reply.headers["Location"] == f"/v1/images/{told['id']}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", told["id"])


def test_form(site: Any, make_png: Any) -> None:
    reply = send_form(site, form(make_png(2), filename="C:\\photos\\cat.png"))
    assert (reply.status, reply.json["name"]) == (201, "cat.png")


def test_form_that_is_large_touches_no_disk(
    site: Any, make_png: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", no_disk)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", no_disk)
    large = make_png(3) + bytes(3 * 2**20)  # junk behind the end of a PNG is left alone
    assert send_form(site, form(large)).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no form at all",
        f"--{BOUNDARY}--\r\n".encode(),
        form(b"x", field="other"),
        form(b"x")[:-20],
        b"--wrong\r\n" + form(b"x")[10:],
        form(
            b"x", extra=f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 9
        ),
        form(b"x", extra=form(b"y")[: -len(f"--{BOUNDARY}--\r\n")].decode()),
        f"--{BOUNDARY}\r\nContent-Type: image/png\r\n\r\nx\r\n--{BOUNDARY}--\r\n".encode(),
    ],
)
def test_form_that_is_none(site: Any, body: bytes) -> None:
    reply = send_form(site, body)
    assert (reply.status, reply.error["what"]) == (422, "form")


def test_form_without_boundary(site: Any) -> None:
    reply = site.ask("POST", "/v1/images", b"x", content_type="multipart/form-data")
    assert (reply.status, reply.error["what"]) == (422, "form")


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "", "x", "image"])
def test_other_types_are_not_taken(site: Any, make_png: Any, kind: str) -> None:
    reply = site.send(make_png(), kind=kind)
    assert (reply.status, reply.error["kind"]) == (415, "format")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\b\\c.jpg", "c.jpg"),
        ("evil\r\nSet-Cookie: x.png", "evilSet-Cookie: x.png"),
        ("\u202egpj.exe", "gpj.exe"),
        ("  ", "image"),
        ("..", ".."),
        ("x" * 200, "x" * 120),
        ("<img src=x>.png", "<img src=x>.png"),
    ],
)
def test_names_are_shown_and_never_used(site: Any, make_png: Any, given: str, shown: str) -> None:
    reply = site.send(make_png(), name=quote(given))
    assert (reply.status, reply.json["name"]) == (201, shown)


def test_states(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    model.shutter.clear()
    told = site.send(make_png()).json
    assert (told["state"], told["embedded"], told["embed_ms"]) == ("embedding", False, None)
    path = f"/v1/images/{told['id']}"
    assert site.ask("GET", path).json["state"] == "embedding"
    model.shutter.set()
    site.until(lambda: site.ask("GET", path).json["state"] == "ready")
    told = site.ask("GET", path).json
    assert told["embedded"] is True and told["embed_ms"] > 0


def test_look_that_fails_is_told_and_tried_again(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    model.look_failures = 1
    id = site.image(make_png())
    assert site.ask("GET", f"/v1/images/{id}").json["state"] == "failed"
    assert site.segment(id).status == 200
    assert site.ask("GET", f"/v1/images/{id}").json["state"] == "ready"
    assert len(model.looks) == 2


def test_let_go(serve: Any, make_png: Any) -> None:
    site = serve()
    id = site.image()
    answer = site.segment(id).json["answers"][0]["id"]
    assert len(site.service.answers.kept) == len(site.service.looks.kept) == 1
    gone = site.ask("DELETE", f"/v1/images/{id}")
    assert (gone.status, gone.body) == (204, b"")
    for reply in (
        site.ask("GET", f"/v1/images/{id}"),
        site.ask("DELETE", f"/v1/images/{id}"),
        site.ask("GET", f"/v1/images/{id}/pixels"),
        site.segment(id),
    ):
        assert (reply.status, reply.error["kind"]) == (404, "missing")
    assert len(site.service.answers.kept) == len(site.service.looks.kept) == 0
    other = site.image()
    assert site.segment(other, {"mask": {"answer": answer}}).status == 404


def test_the_same_file_twice_is_looked_at_once(serve: Any, model: Any, make_png: Any) -> None:
    site = serve()
    first, second = site.image(make_png(4)), site.image(make_png(4))
    assert first != second and len(model.looks) == 1
    site.ask("DELETE", f"/v1/images/{first}")
    assert site.segment(second).status == 200 and len(model.looks) == 1


def test_pixels_are_upright_and_made_anew(site: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where I live"
    stream = BytesIO()
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20] = 255
    Image.fromarray(pixels).save(stream, "JPEG", exif=exif, quality=95)
    reply = site.ask("GET", f"/v1/images/{site.image(stream.getvalue() + b'<script>')}/pixels")
    assert reply.headers["content-type"] == "image/jpeg"
    seen = Image.open(BytesIO(reply.body))
    assert seen.size == (20, 40) and not seen.getexif()
    assert np.asarray(seen)[5].mean() > 250 and np.asarray(seen)[-5].mean() < 5
    assert b"where I live" not in reply.body and b"<script>" not in reply.body


def test_pixels_of_a_png_are_exact(site: Any, make_png: Any, make_photo: Any) -> None:
    reply = site.ask("GET", f"/v1/images/{site.image(make_png(5))}/pixels")
    assert reply.headers["content-type"] == "image/png"
    assert np.array_equal(np.asarray(Image.open(BytesIO(reply.body))), make_photo(5))


@pytest.mark.parametrize("id", ["nope", "a" * 64, "a" * 65, "%2e%2e", "a%2Fb", "a%00b", "é"])
def test_ids_that_are_none(site: Any, id: str) -> None:
    reply = site.ask("GET", f"/v1/images/{quote(id, safe='%')}")
    assert reply.status in (404, 422) and reply.error
