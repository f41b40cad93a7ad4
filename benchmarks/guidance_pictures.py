"""``python -m benchmarks.guidance_pictures``: the pictures of docs/guidance.md.

Every map of one photograph and three clicks, as small PNGs with a palette.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.guidance import photograph
from biprompt.guidance import (
    box_distance_map,
    click_seeds,
    crop_to_box,
    disk_map,
    euclidean_map,
    exponential_geodesic_map,
    gaussian_map,
    geodesic_map,
    proposal_map,
    region_proposals,
    scribble_seeds,
    slic,
    superpixel_map,
)
from biprompt.io.files import atomic_write
from biprompt.prompts import Scribble

SIDE, COLOURS = 300, 96
ADDING, REMOVING = [(150.0, 105.0), (215.0, 95.0)], [(18.0, 30.0)]
BOX = (75.0, 25.0, 250.0, 185.0)
STROKES = [
    Scribble([(110, 60), (150, 75), (150, 150), (200, 160)], 1),
    Scribble([(8, 20), (16, 80), (10, 120)], 0),
]
GREEN, ORANGE, WHITE = (20, 160, 110), (235, 110, 20), (255, 255, 255)
STOPS = np.array([(13, 18, 60), (70, 40, 130), (190, 60, 110), (250, 150, 70), (252, 250, 200)])
"""Dark for 0, bright for 1."""

Pixels = NDArray[np.uint8]
Values = NDArray[np.floating]


def coloured(values: Values, limit: float | None = None) -> Pixels:
    """Return a map as colours, from its smallest value to its largest, or to `limit`."""
    low, high = float(values.min()), float(values.max() if limit is None else limit)
    share = np.clip((values - low) / max(high - low, 1e-9), 0, 1) * (len(STOPS) - 1)
    at = np.arange(len(STOPS))
    channels = [np.interp(share, at, STOPS[:, channel]) for channel in range(3)]
    return np.stack(channels, -1).round().astype(np.uint8)


def marked(pixels: Pixels, removing: Sequence[tuple[float, float]] = ()) -> Pixels:
    """Return a picture with the adding clicks on it, and others."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for points, colour in ((ADDING, GREEN), (removing, ORANGE)):
        for x, y in points:
            draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour, outline=WHITE, width=1)
    return np.asarray(image)


def boxed(pixels: Pixels) -> Pixels:
    """Return a picture with the box on it."""
    image = Image.fromarray(pixels)
    ImageDraw.Draw(image).rectangle(BOX, outline=WHITE)
    return np.asarray(image)


def edges(labels: NDArray[np.integer], pixels: Pixels) -> Pixels:
    """Return a picture with the borders of superpixels in white."""
    out = pixels.copy()
    out[:, 1:][labels[:, 1:] != labels[:, :-1]] = WHITE
    out[1:][labels[1:] != labels[:-1]] = WHITE
    return out


def pictures() -> Mapping[str, Pixels]:
    """Return every picture by its name."""
    photo = photograph(SIDE)
    hw = (photo.shape[0], photo.shape[1])
    seeds = click_seeds(ADDING, hw)
    labels = slic(photo)
    strokes = photo // 3
    for mask, colour in zip(scribble_seeds(STROKES, hw, radius=2), (GREEN, ORANGE), strict=True):
        strokes[mask] = colour
    return {
        "clicks": marked(photo, REMOVING),
        "euclidean": marked(coloured(euclidean_map(seeds))),
        "gaussian": coloured(gaussian_map(seeds, sigma=0.1)),
        "disk": coloured(disk_map(seeds)),
        "superpixels": marked(edges(labels, photo)),
        "superpixel-distance": marked(coloured(superpixel_map(labels, seeds))),
        "proposals": marked(coloured(proposal_map(region_proposals(photo, labels), seeds))),
        "geodesic": marked(coloured(geodesic_map(photo, seeds))),
        "exponential-geodesic": marked(coloured(exponential_geodesic_map(photo, seeds))),
        "box-distance": boxed(coloured(box_distance_map(BOX, hw))),
        "crop": np.asarray(crop_to_box(photo, BOX)),
        "scribbles": strokes,
    }


def png(pixels: Pixels) -> bytes:
    """Return a picture as a PNG with a palette, in which the marks keep their own colours."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    marks = (GREEN, ORANGE, WHITE)
    small = image.quantize(COLOURS - len(marks), dither=Image.Dither.NONE)
    palette = (small.getpalette() or [])[: 3 * (COLOURS - len(marks))]
    palette += [0] * (3 * (COLOURS - len(marks)) - len(palette))
    indices = np.array(small)
    for index, colour in enumerate(marks, start=COLOURS - len(marks)):
        indices[(pixels == colour).all(-1)] = index
        palette += colour
    small = Image.fromarray(indices, "P")
    small.putpalette(palette)
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    return out.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Write all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/guidance"))
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, pixels in pictures().items():
        data = png(pixels)
        atomic_write(given.out / f"{name}.png", data, force=True)
        print(f"{name}.png {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
