"""What the server tells of itself: health, metrics, log, catalogue, and the API's description."""

from __future__ import annotations

import json
import logging
from io import BytesIO
from typing import Any, get_args

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from biprompt.io.formats.registry import FORMATS
from biprompt.server import docs
from biprompt.server.schemas.export import FormatName


def metrics(site: Any) -> dict[str, float]:
    text = site.ask("GET", "/metrics").body.decode()
    samples = (s for family in text_string_to_metric_families(text) for s in family.samples)
    return {
        s.name + "".join(f" {v}" for _, v in sorted(s.labels.items()) if _ != "le"): s.value
        for s in samples
    }


def test_health(site: Any) -> None:
    assert site.ask("GET", "/healthz").json == {"status": "ok"}
    assert site.ask("GET", "/readyz").json == {"ready": True, "model": "compact", "waiting": 0}


def test_not_ready(serve: Any) -> None:
    site = serve()
    site.service.ready = False
    reply = site.ask("GET", "/readyz")
    assert (reply.status, reply.json["ready"]) == (503, False)


def test_metrics_count(serve: Any, make_png: Any) -> None:
    site = serve()
    id = site.image(make_png(1))
    site.send(make_png(1))
    site.send(b"junk")
    site.segment(id, {"points": [{"x": 5, "y": 5}]}, {"text": "zzxqv"})
    site.segment("nope")
    found = metrics(site)
    assert found["biprompt_requests_total POST /v1/images 201"] == 2
    assert found["biprompt_requests_total POST /v1/images 415"] == 1
    assert found["biprompt_requests_total POST /v1/images/{id}/segment 200"] == 1
    assert found["biprompt_requests_total POST /v1/images/{id}/segment 404"] == 1
    assert found["biprompt_looks_total made"] == 1
    assert found["biprompt_answers_total found"] == found["biprompt_answers_total absent"] == 1
    assert found["biprompt_images"] == 2 and found["biprompt_embeddings"] == 1
    assert found["biprompt_answers_kept"] == 2
    assert found["biprompt_embedding_bytes"] == site.service.looks.kept.nbytes > 0
    assert id not in str(found)


def test_unknown_paths_do_not_fill_the_metrics(serve: Any) -> None:
    site = serve()
    before = len(metrics(site))
    for n in range(20):
        site.ask("GET", f"/nope/{n}")
        site.ask(f"METHOD{n}", "/v1/models")
    assert len(metrics(site)) - before < 80


def test_log_has_a_line_of_json_without_what_was_asked(
    site: Any, make_png: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="biprompt.access"):
        id = site.send(make_png(), name="my-secret-name.png").json["id"]
        site.segment(id, {"points": [{"x": 5, "y": 5}], "text": "my secret phrase"})
        site.segment(id, {"text": "my secret\u0000phrase"})
        site.ask("GET", "/nope/my-secret?token=secret")
        site.until(lambda: len(caplog.records) == 4)  # a line is written after its answer
    lines = [json.loads(record.message) for record in caplog.records]
    assert [(one["method"], one["route"], one["status"]) for one in lines] == [
        ("POST", "/v1/images", 201),
        ("POST", "/v1/images/{id}/segment", 200),
        ("POST", "/v1/images/{id}/segment", 422),
        ("GET", "unknown", 404),
    ]
    assert lines[0]["bytes_in"] == len(make_png()) and lines[1]["bytes_out"] > 500
    assert "secret" not in caplog.text and id not in caplog.text


def test_models(site: Any) -> None:
    first, *others = site.ask("GET", "/v1/models").json["models"]
    assert (first["name"], first["loaded"]) == ("compact", True) and "text" in first["prompts"]
    assert not any(model["loaded"] for model in others)
    assert "/" not in first["name"] + first["summary"]


def test_formats_are_those_there_are(site: Any) -> None:
    told = site.ask("GET", "/v1/formats").json["formats"]
    assert [one["name"] for one in told] == list(FORMATS) == list(get_args(FormatName))


def test_limits(site: Any) -> None:
    told, limits = site.ask("GET", "/v1/limits").json, site.service.limits
    assert told["upload_bytes"] == limits.upload_bytes and told["pixels"] == limits.pixels
    assert {"prompts", "phrase_chars", "objects"} <= set(told)


def test_examples(site: Any) -> None:
    told = site.ask("GET", "/v1/examples").json["examples"]
    assert {one["name"] for one in told} == {"chelsea.jpg", "coffee.jpg", "astronaut.jpg"}
    for one in told:
        reply = site.ask("GET", one["url"])
        assert reply.headers["content-type"] == "image/jpeg"
        assert Image.open(BytesIO(reply.body)).size == (one["width"], one["height"])
        assert site.segment(site.image(reply.body), {"text": one["phrase"]}).status == 200


def test_description_has_examples_and_errors(site: Any) -> None:
    api = site.ask("GET", "/openapi.json").json
    paths = {path for path in api["paths"]}
    assert {"/v1/images", "/v1/images/{id}", "/v1/images/{id}/segment", "/v1/export"} <= paths
    segment = api["paths"]["/v1/images/{id}/segment"]["post"]
    assert {"200", "404", "413", "422", "429", "503", "504"} <= set(segment["responses"])
    schema = api["components"]["schemas"]
    assert schema["SegmentBody"]["examples"] and "HTTPValidationError" not in schema
    for methods in api["paths"].values():
        for operation in methods.values():
            assert operation["description"] and operation["tags"]


def test_examples_of_the_description_work(site: Any, chelsea: bytes) -> None:
    schema = site.ask("GET", "/openapi.json").json["components"]["schemas"]
    id = site.image(chelsea)
    for body in schema["SegmentBody"]["examples"]:
        assert site.ask("POST", f"/v1/images/{id}/segment", body).status == 200
    for body in schema["ExportBody"]["examples"]:
        assert site.ask("POST", "/v1/export", body).status == 200


def test_docs_escape_everything() -> None:
    evil = "<script>alert(1)</script>"
    operation = {"description": evil, "responses": {evil: {"description": evil}}}
    page = docs.docs_page(
        {"info": {"title": evil, "version": evil, "description": evil},
         "paths": {evil: {"get": operation}}}
    )  # fmt: skip
    assert "<script" not in page and page.count("&lt;script&gt;") >= 6


def test_errors_of_the_framework_have_the_same_form(site: Any) -> None:
    assert site.ask("GET", "/nope").error["kind"] == "missing"
    reply = site.ask("PUT", "/v1/images")
    assert (reply.status, reply.error["kind"]) == (405, "method") and "POST" in reply.headers[
        "allow"
    ]
    assert site.ask("POST", "/static/docs.css").status == 405
