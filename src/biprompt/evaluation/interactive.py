"""The interactive protocol: click on the largest error, again and again (NoC, IoU after k clicks).

The first click lies in the middle of the object; each later one in the middle of the largest error
of the answer so far (`biprompt.data.clicks.next_click`). All clicks so far and the last mask are
handed to the model. Masks are compared at the original resolution, outside the ignored band.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biprompt.data.clicks import Click, next_click
from biprompt.data.coco import BoolMask, CocoAnnotation, CocoDataset, CocoImage
from biprompt.evaluation.model import PromptModel, check_answer, click_prompt
from biprompt.evaluation.objects import photos
from biprompt.metrics import (
    bootstrap_interval,
    clicks_to_reach,
    mean,
    mean_after_clicks,
    number_of_clicks,
    overlap,
    overlap_ious,
)

CLICKS = 20
THRESHOLDS = (0.80, 0.85, 0.90, 0.95)
REPORTED_CLICKS = (1, 2, 3, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class ClickRun:
    """What one object's clicks gave.

    Attributes:
        key: file name and annotation number.
        label: category name.
        ious: IoU after each click; shorter than the limit where nothing was left to click on.
        first_ious: IoU of each candidate of the first click.
        first_scores: predicted IoU of each candidate of the first click.
    """

    key: str
    label: str
    ious: Sequence[float]
    first_ious: Sequence[float]
    first_scores: Sequence[float]


def interactive(
    model: PromptModel,
    dataset: CocoDataset,
    *,
    clicks: int = CLICKS,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[ClickRun]:
    """Yield one record an object.

    An object ends early only when no wrong pixel is left to click on: its mask could not change
    any more, so no reported number can.

    Args:
        model: what to measure.
        dataset: objects with masks, perhaps with ignored bands.
        clicks: clicks given at most.
        limit: only the first so many objects.
        done: keys to leave out.
    """
    for image, objects in photos(dataset, limit, done):
        scene = model.embed(image.path)
        for key, annotation in objects:
            yield _run(model, scene, image, key, annotation, clicks)


def _run(
    model: PromptModel,
    scene: Any,
    image: CocoImage,
    key: str,
    annotation: CocoAnnotation,
    limit: int,
) -> ClickRun:
    truth, ignore = annotation.mask(), annotation.ignore_mask()
    given: list[Click] = []
    ious: list[float] = []
    first: tuple[list[float], list[float]] = ([], [])
    mask: BoolMask = np.zeros_like(truth)
    while len(given) < limit:
        points = [(click.x, click.y) for click in given]
        click = next_click(truth, mask, ignore, clicked=points)
        if click is None:
            break
        given.append(click)
        labels = [click.label for click in given]
        prompt = click_prompt([*points, (click.x, click.y)], labels, previous=mask)
        answer = check_answer(model.segment(scene, prompt=prompt), truth, image.path)
        mask = answer.mask
        ious.append(overlap(mask, truth, ignore).iou)
        if len(given) == 1:
            offered = answer.card.candidates
            first = (
                overlap_ious([candidate.mask for candidate in offered], truth, ignore),
                [float(candidate.score) for candidate in offered],
            )
    return ClickRun(key, annotation.label, ious or [1.0], *first)


def summarize(runs: Sequence[ClickRun], clicks: int = CLICKS) -> dict[str, Any]:
    """Return the reported numbers as plain JSON values, with 95 % bootstrap intervals.

    Returns:
        `objects`; `noc` by threshold: mean, interval, failures, empty where fewer clicks than the
        protocol's were given; `iou` by number of clicks: mean, interval; `first`: own pick, best
        candidate, and the correlation of predicted with true IoU.
    """
    sequences = [run.ious for run in runs]
    thresholds = THRESHOLDS if clicks == CLICKS else ()
    return {
        "objects": len(runs),
        "clicks": clicks,
        "noc": {f"{100 * t:.0f}": _noc(sequences, t, clicks) for t in thresholds},
        "iou": {str(k): _iou(sequences, k) for k in REPORTED_CLICKS if k <= clicks},
        "first": _first(runs),
    }


def _noc(sequences: Sequence[Sequence[float]], threshold: float, limit: int) -> dict[str, Any]:
    count = number_of_clicks(sequences, threshold, limit)
    each = [clicks_to_reach(ious, threshold, limit) or limit for ious in sequences]
    return {
        "mean": count.mean,
        "interval": list(bootstrap_interval(each)),
        "failures": count.failures,
    }


def _iou(sequences: Sequence[Sequence[float]], clicks: int) -> dict[str, Any]:
    each = [ious[min(clicks, len(ious)) - 1] for ious in sequences]
    return {
        "mean": mean_after_clicks(sequences, clicks),
        "interval": list(bootstrap_interval(each)),
    }


def _first(runs: Sequence[ClickRun]) -> dict[str, Any]:
    own = [run.ious[0] for run in runs]
    best = [max(run.first_ious, default=run.ious[0]) for run in runs]
    return {
        "own": {"mean": mean(own), "interval": list(bootstrap_interval(own))},
        "best": {"mean": mean(best), "interval": list(bootstrap_interval(best))},
        "score_correlation": correlation(
            [score for run in runs for score in run.first_scores],
            [iou for run in runs for iou in run.first_ious],
        ),
    }


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Pearson's correlation, None where one side does not vary."""
    if len(one) < 2 or math.isclose(np.std(one), 0) or math.isclose(np.std(other), 0):
        return None
    return float(np.corrcoef(one, other)[0, 1])
