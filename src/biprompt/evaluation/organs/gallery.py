"""Answers to look at: the best, the median, the worst, and false ones where nothing is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from biprompt.data.volumes import SliceSample, VolumeSample
from biprompt.evaluation.model import Contender
from biprompt.evaluation.organs.measuring import answers_to, asked_of
from biprompt.evaluation.organs.questions import Question, Told
from biprompt.evaluation.organs.record import Case, OrgansRun
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.page.numbers import number
from biprompt.evaluation.study import middle_and_ends

COUNT = 4
FALSE = "an answer where nothing is"


def galleries(
    contender: Contender,
    runs: Sequence[OrgansRun],
    volumes: Mapping[str, VolumeSample],
    questions: Sequence[Question],
    told: Told,
) -> list[Gallery]:
    """Ask about some slices once more, and return what came.

    Args:
        contender: who is asked.
        runs: its records.
        volumes: by name.
        questions: what a slice is asked.
        told: what the model is told.
    """
    cases = [case for run in runs for case in run.cases()]
    present = [case for case in cases if case.present]
    chosen = middle_and_ends(present, lambda case: case.overlap(refusing=True).dice, COUNT)
    chosen[FALSE] = _false(cases)
    return [
        Gallery(
            title,
            tuple(
                _shot(contender, case, volumes[case.run.volume], questions, told) for case in found
            ),
        )
        for title, found in chosen.items()
        if found
    ]


def _false(cases: Iterable[Case]) -> list[Case]:
    """The largest mask of each organ that was found where it is not."""
    found = [case for case in cases if not case.present and not case.refused]
    largest: dict[str, Case] = {}
    for case in sorted(found, key=lambda case: -case.run.pixels[case.place][1]):
        largest.setdefault(case.name, case)
    return list(largest.values())[:COUNT]


def _shot(
    contender: Contender,
    case: Case,
    volume: VolumeSample,
    questions: Sequence[Question],
    told: Told,
) -> Shot:
    plane = _plane(volume, case.run.index)
    asked = asked_of(volume, plane, questions, told)[case.place]
    (answer,) = answers_to(contender, plane, [asked])
    points = () if asked.prompt.points is None else _points(asked.prompt.points.xy.tolist())
    said = f"{case.name}, {volume.image_id}, slice {plane.index}: "
    said += f"Dice {number(case.overlap(refusing=True).dice, 2)}" if case.present else "not there"
    if case.refused:
        said += ", refused"
    elif case.said != case.right:
        said += f", most like: {case.said}"
    return Shot(said, replace(answer, image=plane.pixels()), asked.truth, points)


def _points(xy: Iterable[Sequence[float]]) -> tuple[tuple[float, float, int], ...]:
    return tuple((x, y, 1) for x, y in xy)


def _plane(volume: VolumeSample, index: int) -> SliceSample:
    (plane,) = islice(volume.slices(), index, index + 1)
    return plane
