"""The review over HTTP: what is doubtful, the session of an image, and what a person keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from biprompt.labeling.dataset import Job, assemble
from biprompt.labeling.journal import Journal
from biprompt.labeling.lines import encode_line
from biprompt.labeling.manifest import Manifest
from biprompt.labeling.review import Review
from biprompt.labeling.rules import Rules
from biprompt.labeling.storage import LocalStorage
from biprompt.masks import rle_bbox, rle_encode

MASK = np.zeros((24, 32), bool)
MASK[4:9, 5:20] = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results for one image, with a doubtful cup."""
    Image.new("RGB", (32, 24)).save(tmp_path / "a.png")
    mask = rle_encode(MASK)
    cup = {
        "id": "1", "label": "cup", "prompt": {"text": "cup"}, "verdict": "found", "presence": 0.5,
        "score": 0.9, "similarity": None, "margin": None, "rival": None, "winner": 0,
        "reason": "As asked.",
        "understood": True, "bbox": rle_bbox(mask), "area": 75, "mask": mask,
        "candidates": [{"source": "text", "index": 0, "score": 0.9, "similarity": None}],
    }  # fmt: skip
    about = {"image": "a.png", "source": str(tmp_path / "a.png"), "stem": "a"}
    line = encode_line(
        0, True, {**about, "height": 24, "width": 32, "objects": [cup], "failed": []}
    )
    storage = LocalStorage(tmp_path / "set")
    model = {"loaded": "compact", "version": "1"}
    settings = {"pool": "paper", "cards": False}
    Manifest({"count": 1}, {"common": []}, model, settings, ("cup",)).save(storage)
    journal = Journal(storage, 1)
    journal.add(line)
    assemble(storage, journal, Job(("coco",), Rules(), ("cup",), "compact"))
    return tmp_path / "set"


def test_a_person_steps_through_and_keeps(serve: Callable[..., Any], folder: Path) -> None:
    site = serve(review=Review(folder))
    assert site.ask("GET", "/v1/review").json == {"count": 1, "done": 0, "next": 0}
    assert site.ask("GET", "/v1/review/0").json == {
        "name": "a.png", "done": False,
        "doubts": [{"label": "cup", "why": "found, presence 0.50; predicted IoU 0.90"}],
    }  # fmt: skip
    session = site.ask("GET", "/v1/review/0/session").json
    assert session["document"]["objects"][0]["answer"]["mask"] == rle_encode(MASK)
    kept = {"objects": [{"label": "mug", "mask": rle_encode(~MASK)}]}
    assert site.ask("POST", "/v1/review/0", kept).status == 204
    assert site.ask("GET", "/v1/review").json == {"count": 1, "done": 1, "next": None}
    (line,) = map(json.loads, (folder / "corrections.jsonl").read_text().splitlines())
    assert line == {"image": "a.png", **kept}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/review/1", None, 404),
        ("GET", "/v1/review/1/session", None, 404),
        ("GET", "/v1/review/x", None, 422),
        ("GET", "/v1/review/-1", None, 422),
        ("POST", "/v1/review/1", {"objects": []}, 404),
        ("POST", "/v1/review/0", {"objects": [{"label": "mug"}]}, 422),
        ("POST", "/v1/review/0", {"things": []}, 422),
        ("POST", "/v1/review/0", {"objects": [{"label": "x", "mask": rle_encode(MASK[:3])}]}, 422),
    ],
)
def test_what_is_wrong_is_refused(
    serve: Callable[..., Any], folder: Path, method: str, path: str, body: Any, status: int
) -> None:
    reply = serve(review=Review(folder)).ask(method, path, body)
    assert reply.status == status and reply.error
    assert not (folder / "corrections.jsonl").exists()


def test_a_photograph_that_has_gone_is_told_without_its_path(
    serve: Callable[..., Any], folder: Path
) -> None:
    (folder.parent / "a.png").unlink()
    reply = serve(review=Review(folder)).ask("GET", "/v1/review/0/session")
    assert reply.status == 422 and reply.error["what"] == "file"
    assert str(folder.parent) not in reply.body.decode()


def test_without_a_review_there_is_nothing_to_do(serve: Callable[..., Any]) -> None:
    site = serve()
    assert site.ask("GET", "/v1/review").json == {"count": 0, "done": 0, "next": None}
    for method, path in (("GET", "/v1/review/0"), ("GET", "/v1/review/0/session")):
        assert site.ask(method, path).status == 404
    assert site.ask("POST", "/v1/review/0", {"objects": []}).status == 404


def test_other_sites_may_not_correct(serve: Callable[..., Any], folder: Path) -> None:
    site = serve(review=Review(folder))
    reply = site.ask("POST", "/v1/review/0", {"objects": []}, origin="https://elsewhere.org")
    assert reply.status == 403 and not (folder / "corrections.jsonl").exists()
