"""From an image to everything in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from biprompt.errors import PromptError
from biprompt.geometry import masks_in_frame
from biprompt.masks import rle_encode
from biprompt.masks.window import Window
from biprompt.results.objects import FoundObject, Objects
from biprompt.runtime.base import ImageEmbedding, Runtime
from biprompt.segmenter.automatic.grid import point_grid
from biprompt.segmenter.automatic.naming import named
from biprompt.segmenter.automatic.proposing import Found, propose
from biprompt.segmenter.automatic.regions import without_small_regions
from biprompt.segmenter.automatic.settings import Automatic
from biprompt.segmenter.automatic.suppression import bit_overlaps, rle_overlaps, suppressed
from biprompt.segmenter.automatic.windows import Look, looks
from biprompt.segmenter.looking import Looker

if TYPE_CHECKING:
    from biprompt.segmenter.core import Segmenter

Told = Callable[[int, int], None]
"""Told after each call of the model: clicks made, and clicks in all."""


def automatic(
    segmenter: Segmenter, image: Any, *, settings: Automatic | None = None, classes: Any = None,
    told: Told | None = None,
) -> Objects:  # fmt: skip
    """Find everything in an image.

    Memory is bounded by the clicks of one window, on the model's cells; what is kept of a window is
    held as run lengths.

    Args:
        segmenter: the model.
        image: what `Segmenter.embed` takes, or what it gave.
        settings: how; `Automatic()` when left out.
        classes: names to give, as `Segmenter.segment_classes` takes them; None names nothing.
        told: is told how far it is.

    Raises:
        PromptError: the model takes no clicks, or, with classes, reads no words.
        ImageError: the image cannot be read.
    """
    facts = segmenter.runtime.facts
    if not facts.points:
        raise PromptError("model", expected="one that takes clicks", actual=facts.model)
    settings = (settings or Automatic()).suited_to(facts)
    scene, started = segmenter.embed(image), time.perf_counter()
    found = _all(segmenter.runtime, scene, settings, told)
    timings = {"embed": scene.seconds, "masks": time.perf_counter() - started}
    if classes is not None:
        started = time.perf_counter()
        found = named(found, segmenter.segment_classes(scene, classes))
        timings["names"] = time.perf_counter() - started
    return Objects(
        tuple(found), scene.frame.original_hw, scene.model, _reason(found, settings), scene.path,
        scene.pixels, {name: round(seconds * 1e3, 3) for name, seconds in timings.items()},
    )  # fmt: skip


def _all(
    runtime: Runtime, scene: ImageEmbedding, settings: Automatic, told: Told | None
) -> list[FoundObject]:
    """What all windows show, without what was found twice, best first."""
    hw, closer = scene.frame.original_hw, Looker(runtime)
    wanted = looks(hw, settings)
    grids = [point_grid(look.grid, look.window) for look in wanted]
    count, before = sum(map(len, grids)), 0
    found: list[tuple[int, FoundObject]] = []
    for look, points in zip(wanted, grids, strict=True):
        seen = scene if look.layer == 0 else closer.embed(_cut(scene.pixels, look.window))
        inside: list[Found] = []
        for done, some in propose(runtime, seen, look, points, settings, hw):
            inside += some
            if told is not None:
                told(before + done, count)
        before += len(points)
        found += [(look.layer, each) for each in _kept(inside, look, settings, hw)]
    return _merged(found, settings) if len(wanted) > 1 else [each for _, each in found]


def _cut(pixels: NDArray[np.uint8], window: Window) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pixels[window.rows, window.columns])


def _kept(
    inside: Sequence[Found], look: Look, settings: Automatic, hw: tuple[int, int]
) -> Iterator[FoundObject]:
    """The best of what one window shows, each once, in the frame of the image."""
    if not inside:
        return
    alike = bit_overlaps(np.stack([each.bits for each in inside]))
    scores = [each.score for each in inside]
    for place in suppressed(scores, alike, settings.overlap, settings.most):
        each = inside[place]
        mask = without_small_regions(masks_in_frame(each.spread(), each.frame), settings.smallest)
        if mask.any():
            whole = np.zeros(hw, np.bool_)
            whole[look.window.rows, look.window.columns] = mask
            yield FoundObject(
                rle_encode(whole), each.score, each.stability, each.point, look.window
            )


def _merged(found: Sequence[tuple[int, FoundObject]], settings: Automatic) -> list[FoundObject]:
    """What several windows show, each once: the closer look wins, then the higher predicted IoU."""
    if not found:
        return []
    # Predicted IoUs are in [0, 1] but for what a model was trained to; the layer comes first.
    best = 1 + max(abs(each.score) for _, each in found)
    ranks = [2 * best * layer + each.score for layer, each in found]
    alike = rle_overlaps([each.rle for _, each in found], settings.overlap)
    kept = [found[place][1] for place in suppressed(ranks, alike, settings.overlap)]
    return sorted(kept, key=lambda each: -each.score)[: settings.most]


def _reason(found: Sequence[FoundObject], settings: Automatic) -> str:
    named = sum(each.label is not None for each in found)
    names = f", {named} of them named" if named else ""
    said = f"predicted IoU from {settings.predicted_iou:g}"
    if settings.stability:
        said += f", stability from {settings.stability:g}"
    if not found:
        return f"No mask passed the filters ({said})."
    return f"{len(found)} masks passed the filters ({said}){names}."
