"""Cases as pictures: the answer tinted on its photograph, the truth as a line, clicks as dots."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biprompt.errors import InputError
from biprompt.evaluation.page.blocks import Gallery, Shot
from biprompt.evaluation.page.inline import inline_html, plain
from biprompt.io.draw.overlay import check_pair
from biprompt.io.draw.palette import ACCENT
from biprompt.io.draw.view import View, region_of_interest
from biprompt.prompts import Points, Prompt

MOST_WIDTH = 360
MOST_HEIGHT = 480
_ENLARGED = 4
"""A photograph of few pixels is enlarged so many times at most."""

_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Key:
    """What the colours on some cases mean.

    Attributes:
        shots: the cases.
    """

    shots: tuple[Shot, ...]


def key_html(key: Key) -> str:
    """Return a line that explains the colours of cases."""
    return f'<ul class="key">{"".join(f"<li>{each}</li>" for each in _explained(key.shots))}</ul>'


def gallery_html(gallery: Gallery) -> str:
    """Return the cases of a gallery side by side."""
    return f'<div class="gallery">{"".join(map(_figure, gallery.shots))}</div>'


def shot_pixels(shot: Shot) -> NDArray[np.uint8]:
    """Return a case as a picture for a report.

    Returns:
        `(h, w, 3)` uint8 RGB, at most 360 wide and 480 high: the whole photograph, or the part
        around what is marked on it when that is small.

    Raises:
        InputError: the answer's photograph was not kept, or the truth has another size.
    """
    image = shot.answer.image
    if image is None:
        raise InputError("image of the answer", expected="the photograph", actual="not kept")
    check_pair(image, shot.truth)
    prompt = _prompt(shot)
    masks = [shot.answer.mask, *([] if shot.truth is None else [shot.truth])]
    region = region_of_interest(shot.answer.mask.shape, masks, prompt)
    x0, y0, x1, y1 = region
    scale = min(MOST_WIDTH / (x1 - x0), MOST_HEIGHT / (y1 - y0), _ENLARGED)
    size = max(1, round(scale * (x1 - x0))), max(1, round(scale * (y1 - y0)))
    view = View.of(image, region, size, prompt)
    return view.thumbnail(shot.answer.mask, ACCENT, truth=shot.truth)


def _prompt(shot: Shot) -> Prompt | None:
    """What is marked: the clicks of the case where it has some, and the rest of what was asked."""
    if not shot.points:
        return shot.answer.prompt
    clicks = np.array(shot.points, dtype=np.float64)
    points = Points(clicks[:, :2], clicks[:, 2].astype(np.int8))
    return replace(shot.answer.prompt or Prompt(), points=points)


def _figure(shot: Shot) -> str:
    pixels = shot_pixels(shot)
    height, width = pixels.shape[:2]
    return (
        f'<figure class="shot"><img src="{_data_uri(pixels)}" width="{width}" height="{height}" '
        f'decoding="async" alt="{escape(_alt(shot))}">'
        f"<figcaption>{inline_html(shot.caption)}</figcaption></figure>\n"
    )


def _data_uri(pixels: NDArray[np.uint8]) -> str:
    stream = BytesIO()
    # Full colour resolution: thin lines of one colour would fade.
    Image.fromarray(pixels).save(stream, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    return f"data:image/jpeg;base64,{b64encode(stream.getvalue()).decode()}"


def _alt(shot: Shot) -> str:
    caption = plain(shot.caption)
    return f"The answer on its photograph: {caption}" if caption else "The answer on its photograph"


def _explained(shots: Sequence[Shot]) -> Iterator[str]:
    yield '<span class="answer"></span>the answer'
    if any(shot.truth is not None for shot in shots):
        yield '<span class="truth"></span>the truth'
    prompts = [_prompt(shot) for shot in shots]
    labels = {
        int(label)
        for prompt in prompts
        if prompt is not None and prompt.points is not None
        for label in prompt.points.labels
    }
    if 1 in labels:
        yield '<span class="add">+</span>click on it'
    if 0 in labels:
        yield '<span class="remove">&minus;</span>click beside it'
