"""Clicks on a folder in COCO layout, as the accuracy table wants them."""

from __future__ import annotations

from collections.abc import Container, Iterator

from biprompt.data.coco import CocoDataset
from biprompt.evaluation.interactive.asking import ClickRun, Thing, asking, click_run
from biprompt.evaluation.interactive.clicking import CLICKS, Clicking
from biprompt.evaluation.model import Contender, PromptModel
from biprompt.evaluation.objects import photos


def interactive(
    model: PromptModel,
    dataset: CocoDataset,
    *,
    clicks: int = CLICKS,
    limit: int | None = None,
    done: Container[str] = (),
) -> Iterator[ClickRun]:
    """Yield one record an object, its key made of file name and annotation number.

    Args:
        model: what to measure.
        dataset: objects with masks, perhaps with ignored bands.
        clicks: clicks given at most.
        limit: only the first so many objects.
        done: keys to leave out.
    """
    contender, clicking = Contender("", "", model), Clicking(limit=clicks)
    for image, objects in photos(dataset, limit, done):
        scene = model.embed(image.path)
        for key, each in objects:
            thing = Thing(key, each.label, image.path, each.mask(), each.ignore_mask())
            yield click_run(asking(contender, scene, thing), thing, clicking)
