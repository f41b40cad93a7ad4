"""A label map over its photograph, and a legend that says which colour is which class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import InputError
from biprompt.io.draw.palette import INK, PAPER, Rgb
from biprompt.io.draw.text import Style, draw_text, text_width
from biprompt.io.formats.maps.colours import class_colours

_TINT = 0.55
"""Share of the class's colour; more than over one mask, as colours have to be told apart."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One class of the legend."""

    colour: Rgb
    text: str
    width: float


def map_picture(
    image: NDArray[np.uint8], labels: NDArray[np.int32], names: Sequence[str]
) -> NDArray[np.uint8]:
    """Draw a label map over its photograph, with a legend of the classes that are there below.

    Args:
        image: `(H, W, 3)` uint8 RGB; not changed.
        labels: `(H, W)` int32, 0 none, `i + 1` is `names[i]`.
        names: of all classes.

    Returns:
        `(H + h, W, 3)` uint8 RGB; `h` grows with the number of classes that are there, each with
        its share of the photograph, the largest first.

    Raises:
        InputError: the photograph has another size than the map.
    """
    if image.shape != (*labels.shape, 3) or image.dtype != np.uint8:
        actual = f"shape {image.shape} of {image.dtype}"
        raise InputError("image", expected=f"shape {(*labels.shape, 3)} of uint8", actual=actual)
    colours = class_colours(len(names))
    counts = np.bincount(labels.reshape(-1), minlength=len(names) + 1)
    there = [n for n in np.argsort(-counts, kind="stable").tolist() if n and counts[n]]
    style = Style(max(11, round(math.sqrt(labels.size) / 36)), INK)
    entries = [
        _entry(colours[n - 1], f"{names[n - 1]} {_share(counts[n] / labels.size)}", style)
        for n in there
    ]
    return np.concatenate(
        (_tinted(image, labels, colours), _legend(entries, image.shape[1], style))
    )


def _tinted(
    image: NDArray[np.uint8], labels: NDArray[np.int32], colours: Sequence[Rgb]
) -> NDArray[np.uint8]:
    """The photograph in the colours of its classes, a light line where two meet."""
    table = np.array([(0, 0, 0), *colours], np.float32)
    shown = np.where(
        labels[..., None] > 0, image * (1 - _TINT) + table[labels] * _TINT, image * 1.0
    )
    edge = np.zeros(labels.shape, np.bool_)
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[1:] |= labels[1:] != labels[:-1]
    shown[edge] = 255
    tinted: NDArray[np.uint8] = np.rint(shown).astype(np.uint8)
    return tinted


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.005 else "< 1%"


def _entry(colour: Rgb, text: str, style: Style) -> _Entry:
    # The square, its gap, the words, and the gap to the next entry.
    return _Entry(colour, text, 1.5 * style.size + text_width(text, style) + 1.2 * style.size)


def _legend(entries: Sequence[_Entry], width: int, style: Style) -> NDArray[np.uint8]:
    """Entries from left to right, in as many lines as they need; `(h, width, 3)` uint8."""
    lines: list[list[_Entry]] = []
    used = 0.0
    for entry in entries:
        if not lines or used + entry.width > width:
            lines.append([])
            used = style.size / 2
        lines[-1].append(entry)
        used += entry.width
    height = len(lines) * style.line_height + style.size // 2 if lines else 0
    pixels = np.full((height, width, 3), PAPER, np.uint8)
    for row, line in enumerate(lines):
        _write_line(pixels, line, round((row + 1) * style.line_height - 0.1 * style.size), style)
    return pixels


def _write_line(
    pixels: NDArray[np.uint8], line: Sequence[_Entry], baseline: int, style: Style
) -> None:
    left = style.size / 2
    for entry in line:
        x = round(left)
        pixels[baseline - style.size + 2 : baseline, x : x + style.size - 2] = entry.colour
        draw_text(pixels, (left + 1.5 * style.size - 4, baseline), entry.text, style)
        left += entry.width
