"""Words in pictures: fonts, measuring, wrapping, and drawing on a baseline."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from biprompt.io.draw.palette import INK, Rgb
from biprompt.io.draw.shapes import blend

Font = ImageFont.FreeTypeFont

_OTHER_SCRIPTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "Arial Unicode.ttf",
    "arial.ttf",
    "msyh.ttc",
)
"""System fonts tried, in this order, for words that Pillow's own font cannot write."""


@dataclass(frozen=True, slots=True)
class Style:
    """How words look.

    Attributes:
        size: height of the font in pixels.
        color: colour of the words.
        strong: draw the strokes wider, for titles.
    """

    size: int
    color: Rgb = INK
    strong: bool = False

    @property
    def line_height(self) -> int:
        """Distance of two baselines in pixels."""
        return round(self.size * 1.36)


def text_width(text: str, style: Style) -> float:
    """Width of one line in pixels."""
    text, font = _writable(text, style.size)
    return font.getlength(text)


def wrap(text: str, style: Style, width: float) -> list[str]:
    """Break a text into lines no wider than `width` pixels; a word too long is cut into pieces.

    Nothing is dropped. An empty text gives no line.
    """
    lines: list[str] = []
    current = ""
    for word in text.split():
        longer = f"{current} {word}" if current else word
        if text_width(longer, style) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        *whole, current = _pieces(word, style, width)
        lines.extend(whole)
    return [*lines, current] if current else lines


def draw_text(
    pixels: NDArray[np.uint8], xy: tuple[float, float], text: str, style: Style, anchor: str = "l"
) -> None:
    """Write one line in place.

    Args:
        pixels: `(H, W, 3)` uint8 RGB.
        xy: a point on the baseline: the left end, the middle or the right end of the line.
        text: the words. What no font at hand can write is shown as `?`.
        style: size, colour and weight.
        anchor: "l", "m" or "r", which end `xy` is.
    """
    text, font = _writable(text, style.size)
    left, top, right, bottom = font.getbbox(text, anchor=f"{anchor}s")
    if right <= left or bottom <= top:
        return
    x0, y0 = round(xy[0] + left) - 1, round(xy[1] + top) - 1
    canvas = Image.new("L", (round(right - left) + 4, round(bottom - top) + 4))
    ImageDraw.Draw(canvas).text((xy[0] - x0, xy[1] - y0), text, 255, font, anchor=f"{anchor}s")
    alpha = np.asarray(canvas, dtype=np.float32) / np.float32(255)
    if style.strong:
        alpha[:, 1:] = np.maximum(alpha[:, 1:], np.minimum(alpha[:, 1:] + 0.6 * alpha[:, :-1], 1))
    _blend_at(pixels, x0, y0, alpha, style.color)


def _blend_at(
    pixels: NDArray[np.uint8], x0: int, y0: int, alpha: NDArray[np.float32], color: Rgb
) -> None:
    left, top = max(-x0, 0), max(-y0, 0)
    target = pixels[y0 + top : y0 + alpha.shape[0], x0 + left : x0 + alpha.shape[1]]
    if target.size:
        height, width = target.shape[:2]
        blend(target, alpha[top : top + height, left : left + width], color)


def _pieces(word: str, style: Style, width: float) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and text_width(pieces[-1] + character, style) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


@lru_cache(maxsize=64)
def _font(size: int, name: str | None) -> Font | None:
    try:
        font = ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return None
    return font if isinstance(font, Font) else None


@lru_cache(maxsize=4096)
def _has(name: str | None, character: str) -> bool:
    font = _font(24, name)
    if font is None:
        return False
    # A font answers with its "missing" glyph for what it does not have, as for this non-character.
    missing, glyph = font.getmask("\uffff"), font.getmask(character)
    return character == " " or glyph.size != missing.size or bytes(glyph) != bytes(missing)


@lru_cache(maxsize=1024)
def _choice(text: str) -> tuple[str, str | None]:
    """Choose the first font that lacks the fewest characters, and replace those."""
    fonts = (None, *_OTHER_SCRIPTS)
    if all(_has(None, character) for character in text):
        return text, None
    name = min(fonts, key=lambda font: sum(not _has(font, character) for character in text))
    return "".join(_nearest(name, character) for character in text), name


def _nearest(name: str | None, character: str) -> str:
    plain = unicodedata.normalize("NFKD", character)[:1]
    return next((form for form in (character, plain) if _has(name, form)), "?")


def _writable(text: str, size: int) -> tuple[str, Font]:
    text, name = _choice(" ".join(text.split()))
    font = _font(size, name)
    if font is None:
        raise ImportError("Pillow without FreeType cannot write text")
    return text, font
