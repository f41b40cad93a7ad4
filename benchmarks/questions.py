"""Photographs, what is asked of them, and what the model answers when nobody else asks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from biprompt import Segmenter

EXAMPLES = Path(__file__).parent.parent / "examples"
SIZE = (640, 480)
PROMPTS = 12
"""Asked of each photograph; every fourth has a word beside its click."""
_WORDS = ("cat", "cup", "person", "spoon")


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt of one photograph.

    Attributes:
        place: number of the photograph.
        body: the request.
        wanted: what the answer must hold, see `essence`.
    """

    place: int
    body: bytes
    wanted: str


def photographs(count: int) -> list[bytes]:
    """Cut the examples in different ways, 640 x 480, as JPEG files."""
    sources = sorted(EXAMPLES.glob("*.jpg"))
    return [_cut(sources[n % len(sources)], n // len(sources)) for n in range(count)]


def questions(model: Segmenter, files: list[bytes]) -> list[Question]:
    """Prompts for every photograph, with the model's own answers to each alone."""
    rng = np.random.default_rng(0)
    return [
        _question(model, place, np.asarray(Image.open(BytesIO(file))), number, rng)
        for place, file in enumerate(files)
        for number in range(PROMPTS)
    ]


def essence(answer: dict[str, Any]) -> str:
    """What of an answer must be the same to the last pixel, whoever asked beside it."""
    candidates = [(one["source"], one["mask"]["counts"]) for one in answer["candidates"]]
    kept = (answer["verdict"], answer["winner"], answer["mask"]["counts"], candidates)
    return json.dumps(kept)


def _cut(source: Path, way: int) -> bytes:
    with Image.open(source) as image:
        cut = ImageOps.fit(image.convert("RGB"), SIZE, centering=(0.2 * way, 0.25 * way))
    turned = ImageOps.mirror(cut) if way % 2 else cut
    stream = BytesIO()
    turned.save(stream, "JPEG", quality=90)
    return stream.getvalue()


def _question(
    model: Segmenter, place: int, pixels: Any, number: int, rng: np.random.Generator
) -> Question:
    x, y = (float(value) for value in rng.integers((0, 0), SIZE))
    word = _WORDS[place % len(_WORDS)] if number % 4 == 3 else None
    prompt = {"points": [{"x": x, "y": y}]} | ({} if word is None else {"text": word})
    answer = model.segment(pixels, points=[(x, y)], text=word)
    body = json.dumps({"prompts": [prompt]}).encode()
    return Question(place, body, essence(answer.to_dict()))
