"""Images made to do harm: each is one refusal, and the next request works."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

RNG = np.random.default_rng(7)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", data), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def saved(format: str, **more: Any) -> bytes:
    stream = BytesIO()
    pixels = RNG.integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(pixels).save(stream, format, **more)
    return stream.getvalue()


def many_scans() -> bytes:
    """A progressive JPEG whose scans are there a thousand times."""
    data = saved("JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 1000 + b"\xff\xd9"


BOMB = png_of(60_000, 60_000, zlib.compress(bytes(2**20)))
TOO_LARGE = {
    "a header of 3.6 gigapixels": BOMB,
    "a gigapixel in a row": png_of(2**30, 1, zlib.compress(bytes(10))),
    "a bitmap's header": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 60_000, 60_000, 1,
                                             24, 0, 0, 0, 0, 0, 0),
    "a PNM's header": b"P6 60000 60000 255\n" + bytes(100),
}  # fmt: skip
NO_IMAGES = {
    "text": b"hello, world",
    "nothing": b"",
    "a page": b"<html><script>alert(1)</script></html>",
    "a drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "a PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file",
    "an archive": b"PK\x03\x04" + bytes(100),
    "a pickle": b"\x80\x04\x95\x00",
    "an array": b"\x93NUMPY\x01\x00",
    "an icon": b"\x00\x00\x01\x00\x01\x00",
    "half a signature": b"\x89PN",
    "a WebP of nothing": b"RIFF\x04\x00\x00\x00WEBP",
}
DAMAGED = {
    "half a JPEG": saved("JPEG")[:900],
    "half a PNG": saved("PNG")[:900],
    "half a WebP": saved("WEBP", lossless=True)[:900],
    "half a TIFF": saved("TIFF")[:900],
    "a PNG of junk": png_of(100, 100, b"junk"),
    "a PNG that promises more": png_of(1000, 1000, zlib.compress(bytes(100))),
    "a header alone": b"\x89PNG\r\n\x1a\n",
    "a JPEG of a thousand scans": many_scans(),
    "a picture without a side": png_of(0, 5, zlib.compress(b"")),
    "a TIFF that points at itself": b"II*\x00\x08\x00\x00\x00" + b"\x00\x00" + b"\x08\x00\x00\x00",
}


def still_works(site: Any, make_png: Any) -> None:
    id = site.image(make_png(99))
    assert site.segment(id).status == 200


@pytest.mark.parametrize("name", TOO_LARGE)
def test_too_large(site: Any, make_png: Any, name: str) -> None:
    reply = site.send(TOO_LARGE[name])
    assert (reply.status, reply.error["kind"]) == (413, "size")
    assert "BIPROMPT" not in reply.error["expected"]  # what only the operator can change
    still_works(site, make_png)


@pytest.mark.parametrize("name", NO_IMAGES)
def test_no_image(site: Any, make_png: Any, name: str) -> None:
    reply = site.send(NO_IMAGES[name])
    assert (reply.status, reply.error["kind"]) == (415, "image")
    still_works(site, make_png)


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged(site: Any, make_png: Any, name: str) -> None:
    reply = site.send(DAMAGED[name])
    assert (reply.status, reply.error["kind"]) == (422, "image")
    still_works(site, make_png)


def test_nothing_of_them_is_held(site: Any) -> None:
    before = len(site.service.images.kept)
    for data in (BOMB, *NO_IMAGES.values(), *DAMAGED.values()):
        site.send(data)
    assert len(site.service.images.kept) == before
    assert not site.service.looks.failed and not site.service.looks._going


def test_more_pixels_than_promised_are_left_alone(site: Any) -> None:
    assert site.send(png_of(1, 1, zlib.compress(bytes(10**7)))).status == 201


@pytest.mark.parametrize(
    "tail", [b"<script>alert(1)</script>", b"PK\x03\x04", b"\xff\xd8\xff\xe0", b"%PDF-1.7"]
)
def test_polyglots_are_images_and_nothing_else(site: Any, make_png: Any, tail: bytes) -> None:
    for data in (make_png(3) + tail, saved("JPEG", comment=tail), saved("GIF") + tail):
        id = site.image(data)
        reply = site.ask("GET", f"/v1/images/{id}/pixels")
        assert reply.headers["content-type"] in ("image/png", "image/jpeg")
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert tail not in reply.body[20:]


def test_the_type_that_is_claimed_does_not_matter(site: Any, make_png: Any) -> None:
    for kind in ("image/svg+xml", "image/jpeg", "image/x-photoshop", "application/octet-stream"):
        assert site.send(make_png(3), kind=kind).status == 201


def test_pixels_are_limited_as_the_server_was_told(serve: Any, make_png: Any) -> None:
    site = serve(pixels=3000)
    assert site.send(make_png(1, (50, 60))).status == 201
    reply = site.send(make_png(1, (50, 61)))
    assert (reply.status, reply.error["expected"]) == (413, "at most 3000 pixels")


@pytest.mark.parametrize("hw", [(1, 1), (1, 4000), (4000, 1)])
def test_images_of_odd_shapes_are_answered(site: Any, make_png: Any, hw: tuple[int, int]) -> None:
    id = site.image(make_png(0, hw))
    assert site.segment(id, {"points": [{"x": 0, "y": 0}]}, {"text": "cat"}).status == 200
