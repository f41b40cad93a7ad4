"""The colours of the style sheet, by an implementation of sRGB, contrast and colour blindness.

Contrast as in WCAG 2.2; colour blindness by the matrices of Machado, Oliveira and Fernandes (2009)
at full strength; differences in CIE 1976 L*a*b*.
"""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from biprompt.evaluation.page.plot import COLOURS

Array = npt.NDArray[np.float64]
STYLE = files("biprompt.evaluation.page").joinpath("style.css").read_text("utf-8")
SIGHT = {
    "all": np.eye(3),
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [
        [0.3673, 0.8606, -0.2280],
        [0.2801, 0.6725, 0.0474],
        [-0.0118, 0.0429, 0.9689],
    ],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def colours(theme: str) -> dict[str, Array]:
    light, dark = (dict(re.findall(r"--([a-z0-9]+): (#[0-9a-f]{6})", part)) for part in themes())
    chosen = light if theme == "light" else light | dark
    return {name: linear(value) for name, value in chosen.items()}


def themes() -> list[str]:
    return STYLE.split("@media screen and (prefers-color-scheme: dark)")


def linear(value: str) -> Array:
    srgb = np.array([int(value[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: Array, other: Array) -> float:
    dark, light = sorted(float(XYZ[1] @ each) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: Array) -> Array:
    ratio = XYZ @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_there_is_a_dark_theme() -> None:
    assert len(themes()) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_are_seen_and_told_apart_by_everybody(theme: str) -> None:
    found = colours(theme)
    series = [found[f"s{number}"] for number in range(COLOURS)]
    assert min(contrast(each, found["paper"]) for each in series) > 3
    for matrix in SIGHT.values():
        seen = [lab(np.asarray(matrix) @ each) for each in series]
        assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read(theme: str) -> None:
    found = colours(theme)
    for ink in ("ink", "soft", "accent", "warn"):
        assert contrast(found[ink], found["paper"]) > 4.5
    assert contrast(found["ink"], found["ours"]) > 4.5
    assert contrast(found["soft"], found["wash"]) > 4.5


def test_the_style_sheet_loads_nothing() -> None:
    assert "url(" not in STYLE and "@import" not in STYLE and "</" not in STYLE
