"""An image of a run as the session file of the page: its objects, each with prompt and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from biprompt.io.formats.objects import COLOURS, hex_colour
from biprompt.labeling.rules import Answer
from biprompt.masks import rle_bbox
from biprompt.selection import Policy

FORMAT, VERSION = "biprompt-session", 1
_NOTHING: dict[str, Any] = {
    "points": [], "box": None, "scribbles": [], "polygon": None, "text": "", "negative": "",
}  # fmt: skip
_STILL = {"hidden": False, "base": None, "pool": None, "ask": 0, "answered": 0, "choice": None}


def session_file(
    image: Mapping[str, Any],
    answers: Sequence[Answer],
    first: str | None,
    model: str,
    policy: Policy,
) -> dict[str, Any]:
    """Return a session file.

    Args:
        image: its name, height, width, and data as a URL.
        answers: its objects, as `describe` or `by_hand` returns them.
        first: id of the prompt whose object is looked at first.
        model: that answered.
        policy: by which it chose.
    """
    objects = [_object(n, answer, model, policy) for n, answer in enumerate(answers, start=1)]
    active = [n for n, answer in enumerate(answers, start=1) if answer["id"] == first] or [1]
    document = {
        "objects": objects or [_empty()],
        "active": active[0],
        "next": max(1, len(objects)) + 1,
    }
    return {"format": FORMAT, "version": VERSION, "image": dict(image), "document": document}


def by_hand(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return a corrected object as an answer; its box stands for the marks that led to it."""
    x, y, width, height = rle_bbox(thing["mask"])
    numbers = dict.fromkeys(("presence", "similarity", "margin", "understood"))
    candidate = {"source": "refine", "index": 0, "score": None, "similarity": None}
    return {
        **thing, **numbers, "id": "", "verdict": "found", "reason": "As it was corrected.",
        "prompt": {"box": [x, y, x + width, y + height]}, "winner": 0, "candidates": [candidate],
    }  # fmt: skip


def _object(number: int, answer: Answer, model: str, policy: Policy) -> dict[str, Any]:
    given = answer["prompt"]
    points = given.get("points") or ()
    labels = given.get("labels") or [1] * len(points)
    prompt = {
        **_NOTHING,
        "points": [{"x": x, "y": y, "label": n} for (x, y), n in zip(points, labels, strict=True)],
        "box": given.get("box"),
        "scribbles": [_stroke(stroke) for stroke in given.get("scribbles") or ()],
        "polygon": given.get("polygon"),
        "text": given.get("text") or "",
        "negative": given.get("negative_text") or "",
    }
    about = {"id": number, "label": answer["label"], "colour": _colour(number)}
    return {**about, **_STILL, "prompt": prompt, "answer": _answer(answer, model, policy)}


def _empty() -> dict[str, Any]:
    about = {"id": 1, "label": None, "colour": _colour(1)}
    return {**about, **_STILL, "prompt": _NOTHING, "answer": None}


def _colour(number: int) -> str:
    return hex_colour(COLOURS[(number - 1) % len(COLOURS)])


def _answer(answer: Answer, model: str, policy: Policy) -> dict[str, Any]:
    """An answer as the page keeps it: of the candidates only the one that won has a mask."""
    candidates = []
    if answer["winner"] is not None:
        candidates = [{**answer["candidates"][answer["winner"]], "mask": answer["mask"]}]
    names = ("verdict", "presence", "similarity", "margin", "reason", "mask")
    return {
        **{name: answer[name] for name in names},
        "text_understood": answer["understood"],
        "text_mask": None, "candidates": candidates, "winner": 0 if candidates else None,
        "model": model, "pool": policy.pool, "metric": policy.metric, "policy": policy.name,
        "timings_ms": {},
    }  # fmt: skip


def _stroke(stroke: Sequence[Any]) -> dict[str, Any]:
    """A stroke as `Prompt.build` takes it: points, or a pair of points and a label."""
    pair = len(stroke) == 2 and isinstance(stroke[1], int)
    return {"points": stroke[0] if pair else stroke, "label": stroke[1] if pair else 1}
