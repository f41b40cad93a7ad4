"""Masks as files over HTTP."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from biprompt.io.formats.registry import FORMATS
from biprompt.masks import rle_decode, rle_encode

HW = (24, 192)


def body(format: str, **image: Any) -> dict[str, Any]:
    masks = np.zeros((2, *HW), bool)
    masks[0, 4:20, 10:60] = True
    masks[0, 8:12, 20:30] = False  # a hole
    masks[1, 5:15, 100:150] = True
    labels = ("cup", "<b>spoon</b>")
    return {
        "image": {"name": "kitchen.jpg", "width": HW[1], "height": HW[0], **image},
        "objects": [
            {"label": label, "colour": "#1468e6", "mask": rle_encode(mask)}
            for label, mask in zip(labels, masks, strict=True)
        ],
        "format": format,
    }


@pytest.mark.parametrize("format", FORMATS)
def test_every_format(site: Any, make_png: Any, format: str) -> None:
    asked = body(format, id=site.image(make_png()))
    reply = site.ask("POST", "/v1/export", asked)
    assert reply.status == 200, reply.body
    name = reply.headers["content-disposition"]
    several = reply.headers["content-type"] == "application/zip"
    suffix = ".zip" if several else FORMATS[format].suffix
    assert name.startswith('attachment; filename="kitchen') and suffix in name
    assert reply.headers.get("X-Lost", "").isascii()
    if format in ("yolo", "geojson"):  # the hole
        assert bool(reply.headers.get("X-Lost")) == (format == "yolo")
    if several:
        assert zipfile.ZipFile(BytesIO(reply.body)).testzip() is None


def test_coco_holds_the_very_masks(site: Any) -> None:
    asked = body("coco")
    document = json.loads(site.ask("POST", "/v1/export", asked).body)
    for told, given in zip(document["annotations"], asked["objects"], strict=True):
        assert np.array_equal(rle_decode(told["segmentation"]), rle_decode(given["mask"]))


def test_overlay_is_drawn_on_the_image_that_is_held(
    site: Any, make_png: Any, make_photo: Any
) -> None:
    reply = site.ask("POST", "/v1/export", body("overlay", id=site.image(make_png(3))))
    drawn = np.asarray(Image.open(BytesIO(reply.body)).convert("RGB"))
    assert np.array_equal(drawn[:, 170:], make_photo(3)[:, 170:])
    assert not np.array_equal(drawn[:, :60], make_photo(3)[:, :60])


def test_overlay_needs_the_image(site: Any, make_png: Any) -> None:
    assert site.ask("POST", "/v1/export", body("overlay")).status == 422
    assert site.ask("POST", "/v1/export", body("overlay", id="nope")).status == 404
    other = site.image(make_png(0, (20, 100)))
    assert site.ask("POST", "/v1/export", body("overlay", id=other)).status == 422


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        'a".exe\r\nX-Evil: 1',
        "кухня.jpg",
        "CON",
        "....",
        "a/b\\c.png",
        "💥" * 60,
    ],
)
def test_file_names_are_safe(site: Any, name: str) -> None:
    reply = site.ask("POST", "/v1/export", body("coco", name=name))
    assert reply.status == 200 and "X-Evil" not in reply.headers
    plain, _, encoded = reply.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain.isascii() and plain.count('"') == 2
    for given in (plain.split('"')[1], unquote(encoded)):
        assert given.endswith(".json") and not set('/\\"\r\n') & set(given) and ".." not in given


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"format": "exe"}, 422),
        ({"format": "../png"}, 422),
        ({"tolerance": -1}, 422),
        ({"tolerance": 1.5}, 422),  # COCO holds no outlines
        ({"objects": [{"label": " ", "mask": {"size": [24, 192], "counts": "0"}}]}, 422),
        ({"objects": [{"label": "a", "mask": {"size": [1, 1], "counts": "0"}}]}, 422),
        ({"objects": [{"label": "a", "mask": {"size": [24, 192], "counts": "~~"}}]}, 422),
        (
            {"objects": [{"label": "a", "colour": "red", "mask": rle_encode(np.ones(HW, bool))}]},
            422,
        ),
        ({"image": {"name": "a", "width": 10**6, "height": 10**6}, "objects": []}, 413),
        ({"image": {"name": "a", "width": 0, "height": 1}}, 422),
        ({"path": "/etc/passwd"}, 422),
    ],
)
def test_what_is_wrong(site: Any, change: dict[str, Any], status: int) -> None:
    reply = site.ask("POST", "/v1/export", {**body("coco"), **change})
    assert reply.status == status and reply.error


def test_nothing_at_all_is_a_document_too(site: Any) -> None:
    reply = site.ask("POST", "/v1/export", {**body("coco"), "objects": []})
    assert reply.status == 200 and json.loads(reply.body)["annotations"] == []


def test_number_of_objects(serve: Any) -> None:
    site = serve(objects=1)
    assert site.ask("POST", "/v1/export", body("coco")).error["expected"] == "at most 1"
