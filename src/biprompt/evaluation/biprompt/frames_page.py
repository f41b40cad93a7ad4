"""The part of the report that scores by class and frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from biprompt.evaluation.biprompt.ours import ENDOVIS
from biprompt.evaluation.biprompt.tables import (
    SHORT,
    answers_blocks,
    bars,
    points_blocks,
    templates_blocks,
)
from biprompt.evaluation.page import Block, Heading, Series, Table, Text
from biprompt.evaluation.page.numbers import number

Found = Mapping[str, Any]

_READING = """\
The answers to all objects of a class in an image are joined and compared with all of them: one \
click for every object, the words once. The score of an image is the mean over the classes that \
are there, the score of the set the mean over images."""

_OPEN = """\
The paper does not say over what its mDice and mIoU are means, where in an instrument the point \
lies, whether the point alone takes SAM's single mask or the best-scored of three, nor which \
sequences are its test set. This reading is the challenge IoU, which rows that its Table 1 quotes \
report (S3Net 72.54, SurgicalSAM 69.94); the scores by single object, above, are the other one. \
Frames of a video are alike, so the intervals are narrower than they should be."""

_MEASURES = ("text", "click_own", "gate_paper", "gate_wide")


def frames_blocks(found: Found, dataset: str) -> Iterator[Block]:
    """Yield the scores by class and frame.

    Args:
        found: what `summarize_frames` returned, of at least one frame.
        dataset: how `biprompt data` lists the data set.
    """
    opening = f"{_READING} {_OPEN}" if dataset == ENDOVIS else _READING
    yield Heading("By class and frame")
    yield Text(f"{found['frames']} images with something to find. {opening}")
    yield from answers_blocks(found, {})
    yield from _classes(found)
    yield Heading("By class and frame: the point", 3)
    yield from points_blocks(found["points"])
    yield Heading("By class and frame: the words", 3)
    yield from templates_blocks(found["templates"])


def _classes(found: Found) -> Iterator[Block]:
    by_name = found["by_name"]
    scores = tuple(f"{SHORT[m]}: {s}" for m in _MEASURES for s in ("IoU", "Dice"))
    rows = [(name, str(each["frames"]), *_scores(each)) for name, each in by_name.items()]
    rows.append(("mean over classes", "", *_scores(found["mean_over_names"])))
    yield Table(("class", "images", *scores), tuple(rows))
    series = (
        Series(SHORT[m], tuple(by_name), tuple(each["iou"][m] for each in by_name.values()))
        for m in _MEASURES
    )
    yield bars("Mean IoU by class", "class", tuple(series))


def _scores(found: Found) -> list[str]:
    return [number(found[score][measure]) for measure in _MEASURES for score in ("iou", "dice")]
