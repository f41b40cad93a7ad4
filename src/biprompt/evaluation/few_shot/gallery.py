"""Answers to look at: the best, the median, the worst."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from biprompt.evaluation.few_shot.asking import Told, ask
from biprompt.evaluation.few_shot.record import Drawn, EpisodeRun
from biprompt.evaluation.few_shot.tables import said
from biprompt.evaluation.model import Contender
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.page.numbers import number
from biprompt.evaluation.study import middle_and_ends

COUNT = 4


def galleries(
    contender: Contender, episodes: Iterable[Drawn], runs: Sequence[EpisodeRun], told: Told
) -> list[Gallery]:
    """Ask some episodes once more, and return what came.

    Args:
        contender: who is asked.
        episodes: all of them.
        runs: its records.
        told: what it is told.
    """
    by_key = {drawn.key: drawn for drawn in episodes}
    known = [run for run in runs if not math.isnan(run.pixels.foreground_iou)]
    chosen = middle_and_ends(known, lambda run: run.pixels.foreground_iou, COUNT)
    return [
        Gallery(title, tuple(_shot(contender, by_key[run.key], run, told) for run in found))
        for title, found in chosen.items()
        if found
    ]


def _shot(contender: Contender, drawn: Drawn, run: EpisodeRun, told: Told) -> Shot:
    query = drawn.episode.query
    answer = ask(contender, drawn.episode, told)
    shown = replace(answer, image=query.picture.load().pixels)
    caption = f"{run.label}, {said(str(run.shots))}: IoU {number(run.pixels.foreground_iou, 2)}"
    return Shot(caption, shown, query.mask())
