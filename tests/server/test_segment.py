"""Prompts over HTTP: the answers of the model itself, in every form, refined and refused."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import fields
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.masks import rle_decode, rle_encode
from biprompt.results import Segmentation, Verdict
from biprompt.selection import Policy
from biprompt.server.schemas.answers import AnswersBody
from biprompt.server.schemas.prompts import PolicyBody

CLICK = {"points": [{"x": 220, "y": 140}]}
PROMPTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (CLICK, {"points": [(220, 140)]}),
    (
        {"points": [{"x": 220.5, "y": 140}, {"x": 430, "y": 220, "label": 0}]},
        {"points": [(220.5, 140), (430, 220)], "labels": [1, 0]},
    ),
    ({"box": [40, 20, 330, 290]}, {"box": (40, 20, 330, 290)}),
    (
        {"scribbles": [{"points": [[150, 100], [200, 150]]}, {"points": [[5, 5]], "label": 0}]},
        {"scribbles": [[(150, 100), (200, 150)], ([(5, 5)], 0)]},
    ),
    (
        {"polygon": [[40, 20], [330, 25], [200, 290]]},
        {"polygon": [(40, 20), (330, 25), (200, 290)]},
    ),
    ({"text": "cat"}, {"text": "cat"}),
    ({"text": "elephant"}, {"text": "elephant"}),
    ({"text": "zzxqv"}, {"text": "zzxqv"}),
    ({**CLICK, "text": "cat"}, {"points": [(220, 140)], "text": "cat"}),
    (
        {**CLICK, "text": "cat", "negative_text": "dog"},
        {"points": [(220, 140)], "text": "cat", "negative_text": "dog"},
    ),
]  # fmt: skip


def check_same(told: dict[str, Any], answer: Segmentation) -> None:
    """Masks and choices are the same, numbers to the last of their six decimals."""
    wanted = answer.to_dict()
    left_out = {"id", "image", "timings_ms"}
    assert told.keys() == wanted.keys() | {"id"}
    _check_close({k: v for k, v in told.items() if k not in left_out}, wanted)


def _check_close(told: Any, wanted: Any) -> None:
    if isinstance(told, dict):
        for name, value in told.items():
            _check_close(value, wanted[name])
    elif isinstance(told, list):
        for one, other in zip(told, wanted, strict=True):
            _check_close(one, other)
    elif isinstance(told, float):
        assert told == pytest.approx(wanted, abs=2e-6)
    elif isinstance(told, str) and told != wanted:  # a sentence with a rounded number in it
        assert len(told) == len(wanted) and " " in told
    else:
        assert told == wanted


@pytest.fixture(scope="module")
def cat(site: Any, chelsea: bytes) -> str:
    return str(site.image(chelsea))


@pytest.fixture(scope="module")
def scene(site: Any, chelsea: bytes) -> Any:
    return site.model.embed(np.asarray(Image.open(BytesIO(chelsea))))


@pytest.mark.parametrize("pool", ["paper", "wide"])
@pytest.mark.parametrize(("body", "values"), PROMPTS)
def test_answers_are_those_of_the_model(
    site: Any, cat: str, scene: Any, body: dict[str, Any], values: dict[str, Any], pool: Any
) -> None:
    (told,) = site.segment(cat, body, policy={"pool": pool}).json["answers"]
    check_same(told, site.model.segment(scene, policy=Policy(pool=pool), **values))


def test_many_prompts_of_one_request(site: Any, cat: str, scene: Any) -> None:
    bodies, values = zip(*PROMPTS, strict=True)
    site.model.forget()
    reply = site.segment(cat, *bodies)
    AnswersBody.model_validate_json(reply.body)
    assert [len(call) for call in site.model.calls] == [8, len(PROMPTS) - 8]
    for told, given in zip(reply.json["answers"], values, strict=True):
        check_same(told, site.model.segment(scene, **given))


def test_about_the_image(site: Any, cat: str) -> None:
    told = site.segment(cat, CLICK).json["answers"][0]
    assert told["image"] == {"id": cat, "path": "image", "height": 300, "width": 451}
    assert told["model"] == "compact"


def test_masks_as_png(site: Any, cat: str) -> None:
    prompt = {**CLICK, "text": "cat"}
    rle = site.segment(cat, prompt).json["answers"][0]
    png = site.segment(cat, prompt, masks="png").json["answers"][0]
    pairs = [(rle, png), *zip(rle["candidates"], png["candidates"], strict=True)]
    masks = [(a["mask"], b["mask"]) for a, b in pairs] + [(rle["text_mask"], png["text_mask"])]
    for runs, picture in masks:
        assert runs["size"] == picture["size"] == [300, 451]
        pixels = np.asarray(Image.open(BytesIO(base64.b64decode(picture["png"]))))
        assert np.array_equal(pixels > 0, rle_decode(runs))


def test_no_masks_and_no_candidates(site: Any, cat: str) -> None:
    reply = site.segment(cat, {"text": "cat"}, masks="none", candidates=False)
    AnswersBody.model_validate_json(reply.body)
    told = reply.json["answers"][0]
    assert told["mask"] is None and told["text_mask"] is None and told["candidates"] == []
    assert told["area"] > 0 and told["id"]


def test_policy_is_that_of_the_request(site: Any, cat: str) -> None:
    policy = {"metric": "dice", "agree": 0.999, "presence_threshold": 0.2, "weights": [0, 0, 1]}
    told = site.segment(cat, {**CLICK, "text": "cat"}, policy=policy).json["answers"][0]
    assert (told["metric"], told["verdict"]) == ("dice", "disagree")


def test_every_choice_about_the_gate_can_be_made() -> None:
    assert set(PolicyBody.model_fields) == {field.name for field in fields(Policy)}


def test_earlier_answer_is_refined(site: Any, cat: str, scene: Any) -> None:
    first = site.model.segment(scene, points=[(220, 140)])
    id = site.segment(cat, CLICK).json["answers"][0]["id"]
    fix = {"points": [{"x": 220, "y": 140}, {"x": 430, "y": 220, "label": 0}]}
    (told,) = site.segment(cat, {**fix, "mask": {"answer": id}}).json["answers"]
    points = [(220, 140), (430, 220)]
    check_same(told, site.model.segment(scene, points=points, labels=[1, 0], mask=first))


def test_own_mask_is_refined(site: Any, cat: str, scene: Any) -> None:
    mask = np.zeros((300, 451), bool)
    mask[50:200, 100:300] = True
    (told,) = site.segment(cat, {**CLICK, "mask": rle_encode(mask)}).json["answers"]
    check_same(told, site.model.segment(scene, points=[(220, 140)], mask=mask))


def test_honest_no_is_nothing_to_refine(site: Any, cat: str, scene: Any) -> None:
    no = site.segment(cat, {"text": "zzxqv"}).json["answers"][0]
    assert no["verdict"] == Verdict.ABSENT
    (told,) = site.segment(cat, {**CLICK, "mask": {"answer": no["id"]}}).json["answers"]
    check_same(told, site.model.segment(scene, points=[(220, 140)]))
    assert site.segment(cat, {"mask": {"answer": no["id"]}}).status == 422


def test_answers_belong_to_their_image(site: Any, cat: str, make_png: Any) -> None:
    other = site.image(make_png(9, (300, 451)))
    id = site.segment(other, CLICK).json["answers"][0]["id"]
    reply = site.segment(cat, {"mask": {"answer": id}})
    assert (reply.status, reply.error["what"]) == (404, "answer")


def test_answers_are_let_go_of_when_they_are_too_many(serve: Any) -> None:
    site = serve(answer_bytes=40_000)
    id = site.image()
    ids = [site.segment(id).json["answers"][0]["id"] for _ in range(8)]
    assert 0 < site.service.answers.kept.nbytes <= 40_000
    assert site.segment(id, {"mask": {"answer": ids[0]}}).status == 404
    assert ids[0] not in site.service.answers.kept and ids[-1] in site.service.answers.kept


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "prompt"),
    ({"points": []}, "prompt"),
    ({"points": [{"x": 451, "y": 5}]}, "point"),
    ({"points": [{"x": 5, "y": 300.5}]}, "point"),
    ({"points": [{"x": -1, "y": 5}]}, "prompts.0.points.0.x"),
    ({"points": [{"x": 5, "y": 5, "label": 0}]}, "prompt"),
    ({"points": [{"x": 5, "y": 5, "label": 2}]}, "prompts.0.points.0.label"),
    ({"points": [{"x": "5", "y": 5}]}, "prompts.0.points.0.x"),
    ({"points": [{"x": True, "y": 5}]}, "prompts.0.points.0.x"),
    ({"points": [{"x": 5}]}, "prompts.0.points.0.y"),
    ({"points": [[5, 5]]}, "prompts.0.points.0"),
    ({"points": [{"x": 1, "y": 1}] * 1001}, "prompts.0.points"),
    ({"box": [1, 2, 3]}, "prompts.0.box"),
    ({"box": [30, 20, 10, 40]}, "box"),
    ({"box": [0, 0, 1e9, 1e9]}, "box"),
    ({"polygon": [[0, 0], [1, 1], [2, 2]]}, "polygon"),
    ({"polygon": [[0, 0], [1, 1]]}, "prompts.0.polygon"),
    ({"scribbles": [{"points": []}]}, "prompts.0.scribbles.0.points"),
    ({"text": ""}, "prompts.0.text"),
    ({"text": " "}, "phrase"),
    ({"text": "cat\u0000"}, "phrase"),
    ({"text": "x" * 1001}, "prompts.0.text"),
    ({"text": "cat " * 33}, "phrase"),
    ({"negative_text": "dog"}, "prompt"),
    ({"mask": {"size": [300, 451], "counts": "?"}}, "RLE counts"),
    ({"mask": {"size": [300, 451], "counts": "é"}}, "RLE counts"),
    ({"mask": {"size": [451, 300], "counts": "d"}}, "mask"),
    ({"mask": {"size": [1_000_000, 1_000_000], "counts": "d"}}, "mask"),
    ({"mask": {"size": [0, 0], "counts": "d"}}, "prompts.0.mask.rle.size.0"),
    ({"mask": {"answer": "../../etc/passwd"}}, "prompts.0.mask.answer.answer"),
    ({"mask": "/etc/passwd"}, "prompts.0.mask.rle"),
    ({"examples": [["a.png", "b.png"]]}, "prompts.0.examples"),
    ({"image": "http://example.org/a.png"}, "prompts.0.image"),
]


@pytest.mark.parametrize(("prompt", "what"), WRONG)
def test_what_is_wrong_with_a_prompt(
    site: Any, cat: str, prompt: dict[str, Any], what: str
) -> None:
    reply = site.segment(cat, prompt)
    assert (reply.status, reply.error["what"]) == (422, what)


@pytest.mark.parametrize(
    "more",
    [
        {"policy": {"pool": "other"}},
        {"policy": {"agree": 1.5}},
        {"policy": {"weights": [0, 0, 0]}},
        {"policy": {"weights": [1, 2]}},
        {"policy": {"model": "/tmp/evil"}},
        {"model": "/tmp/evil"},
        {"masks": "jpeg"},
        {"candidates": 1},
    ],
)
def test_what_is_wrong_with_a_request(site: Any, cat: str, more: dict[str, Any]) -> None:
    reply = site.segment(cat, CLICK, **more)
    assert reply.status == 422 and reply.error["kind"] == "input"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"prompts": [{"points": [{"x": NaN, "y": 1}]}]}',
        b'{"prompts": [{"points": [{"x": Infinity, "y": 1}]}]}',
        b'{"prompts": [{"points": [{"x": 1e999, "y": 1}]}]}',
        b'{"prompts": [{"points": [{"x": ' + b"9" * 5000 + b', "y": 1}]}]}',
        b'{"prompts": [{"text": "\\ud800"}]}',
        b'{"prompts": ' + b"[" * 100_000,
        b'{"prompts": [{"text": "\xff"}]}',
        b"\x1f\x8b\x08 gzip?",
    ],
)
def test_bodies_that_are_no_request(site: Any, cat: str, body: bytes) -> None:
    path = f"/v1/images/{cat}/segment"
    reply = site.ask("POST", path, body, content_type="application/json")
    assert reply.status in (400, 422) and reply.error


def test_json_must_say_that_it_is(site: Any, cat: str) -> None:
    """What a form of another site's page can send is not taken."""
    body = json.dumps({"prompts": [CLICK]}).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        path = f"/v1/images/{cat}/segment"
        assert site.ask("POST", path, body, content_type=kind).status == 422


def test_phrases_of_any_script_come_back_whole(site: Any, cat: str) -> None:
    for phrase in ("<script>alert(1)</script>", "кошка", "猫", "كلب", '"; drop'):
        told = site.segment(cat, {**CLICK, "text": phrase}).json["answers"][0]
        assert told["phrase"] == phrase


def test_ids_are_never_the_same(site: Any, cat: str) -> None:
    told = [site.segment(cat, CLICK, CLICK).json["answers"] for _ in range(3)]
    ids = [one["id"] for one in itertools.chain(*told)]
    assert len(set(ids)) == 6
