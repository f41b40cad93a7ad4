"""Classes of photographs to look at: the best, the median, the worst, and what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from biprompt.data.samples import SemanticSample
from biprompt.evaluation.model import Contender
from biprompt.evaluation.open_vocabulary.measuring import Maps, map_photograph, templates_of
from biprompt.evaluation.open_vocabulary.record import VARIANTS, Classes, MapRun, counts_of
from biprompt.evaluation.page import Gallery, Shot
from biprompt.evaluation.page.numbers import number
from biprompt.evaluation.study import look, middle_and_ends
from biprompt.prompts import Prompt
from biprompt.segmenter.classes import ClassRules
from biprompt.segmenter.classes.templates import worded

COUNT = 4
FIRST = next(iter(VARIANTS))
FALSE = "found where it is not"


@dataclass(frozen=True, slots=True)
class Case:
    """One class of one photograph.

    Attributes:
        key: of the photograph.
        index: of the class.
        iou: of its pixels in the label map.
        truth: its true pixels.
        found: its pixels in the map.
    """

    key: str
    index: int
    iou: float
    truth: int
    found: int


def galleries(
    contender: Contender,
    samples: Iterable[SemanticSample],
    runs: Sequence[MapRun],
    classes: Classes,
    rules: ClassRules,
) -> list[Gallery]:
    """Ask some photographs once more, and return what came.

    Args:
        contender: who is asked.
        samples: all photographs.
        runs: its records.
        classes: of the set.
        rules: how classes are asked for and put together.
    """
    by_key = {str(sample.image_id): sample for sample in samples}

    @cache
    def maps(key: str) -> Maps:
        return map_photograph(contender, by_key[key], classes, rules)

    def shot(case: Case) -> Shot:
        name = classes.names[case.index]
        phrase = worded(templates_of(contender, rules)[0], name)
        return _shot(contender, by_key[case.key], case, maps(case.key), name, phrase)

    cases = [case for run in runs for case in _cases(run, classes)]
    chosen = middle_and_ends([each for each in cases if each.truth], lambda each: each.iou, COUNT)
    chosen[FALSE] = _false(cases)
    return [
        Gallery(
            title,
            tuple(shot(each) for each in found),
        )
        for title, found in chosen.items()
        if found
    ]


def _cases(run: MapRun, classes: Classes) -> Iterator[Case]:
    counts = counts_of(run.cells[FIRST], classes.count)
    for index in classes.asked:
        hits, truth, found = (
            int(each)
            for each in (counts[index, index], counts[index].sum(), counts[:, index].sum())
        )
        if truth or found:
            yield Case(run.key, index, hits / (truth + found - hits), truth, found)


def _false(cases: Sequence[Case]) -> list[Case]:
    """The largest ones, no class twice."""
    largest: dict[int, Case] = {}
    for case in sorted(cases, key=lambda case: -case.found):
        if not case.truth:
            largest.setdefault(case.index, case)
    return list(largest.values())[:COUNT]


def _shot(
    contender: Contender,
    sample: SemanticSample,
    case: Case,
    maps: Maps,
    name: str,
    phrase: str,
) -> Shot:
    """What a class has in the label map; the answer alone may have been larger."""
    prompt = Prompt.build(text=phrase)
    answer = contender.model.segment(
        look(contender, sample.picture), prompt=prompt, policy=contender.policy
    )
    mask, truth = maps.found[FIRST] == case.index, maps.truth == case.index
    shown = replace(answer, mask=mask, image=sample.picture.load().pixels)
    said = f"“{name}”: IoU {number(case.iou, 2)}" if case.truth else f"“{name}” is not there"
    presence = "" if answer.presence is None else f", presence {number(answer.presence, 2)}"
    return Shot(said + presence, shown, truth)
