"""Colours and measures of every picture, in one place.

One accent colour says "this is the answer"; everything else is ink on paper. The two colours of
the marks are Okabe and Ito's bluish green and vermilion, which people with any common colour
blindness tell apart; a plus or minus sign says the same without colour. The truth is outlined in
their yellow, which nobody mistakes for the blue of an answer.
"""

from __future__ import annotations

Rgb = tuple[int, int, int]
"""Red, green, blue, each 0..255."""

ACCENT: Rgb = (20, 104, 230)
ADD: Rgb = (0, 158, 115)
REMOVE: Rgb = (213, 94, 0)
TRUTH: Rgb = (240, 228, 66)

WHITE: Rgb = (255, 255, 255)
INK: Rgb = (24, 32, 44)
INK_SOFT: Rgb = (84, 96, 112)
QUIET: Rgb = (132, 144, 160)
PAPER: Rgb = (245, 247, 250)
EDGE: Rgb = (222, 227, 234)
MAT: Rgb = (236, 239, 244)

TINT = 0.42
"""Share of the mask colour inside a mask; the rest is the photograph."""
