"""The best, the median and the worst objects after one click, as pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from biprompt.data.samples import InteractiveObject
from biprompt.evaluation.interactive.asking import ClickRun, Thing, asking, click_turns
from biprompt.evaluation.interactive.clicking import Clicking
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.study import look, middle_and_ends


def cases(
    contender: Contender,
    samples: Iterable[InteractiveObject],
    clicking: Clicking,
    runs: Sequence[ClickRun],
) -> list[Gallery]:
    """Ask for the best, the median and the worst objects after one click once more.

    Args:
        contender: who is asked.
        samples: what was measured on.
        clicking: how objects were clicked.
        runs: the records.
    """
    clicked = [run for run in runs if run.ious]
    chosen = middle_and_ends(clicked, lambda run: run.ious[0])
    wanted = {run.key for found in chosen.values() for run in found}
    by_key = {sample.key: sample for sample in samples if sample.key in wanted}
    once = replace(clicking, limit=1)
    return [
        Gallery(
            f"{name.capitalize()} after 1 click",
            tuple(_shot(contender, by_key[run.key], once, run) for run in found),
        )
        for name, found in chosen.items()
        if found
    ]


def _shot(contender: Contender, sample: InteractiveObject, once: Clicking, run: ClickRun) -> Shot:
    thing = Thing.of(sample)
    ask = asking(contender, look(contender, sample.picture), thing)
    (turn,) = click_turns(ask, thing, once)
    answer = replace(turn.answer, image=sample.picture.load().pixels)
    later = f", {run.ious[-1]:.3f} after {len(run.ious)}" if len(run.ious) > 1 else ""
    named = f"{thing.key} {thing.label}".strip()
    caption = f"{named}: IoU {run.ious[0]:.3f} after 1 click{later}"
    return Shot(caption, answer, thing.truth, tuple(turn.clicks))
