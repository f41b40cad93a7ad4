"""Ask a photograph for every class, put label maps together, and count their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biprompt.data.labels import IGNORE
from biprompt.data.samples import SemanticSample
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.open_vocabulary.composing import (
    Composition,
    Labels,
    score_of,
    truth_map,
)
from biprompt.evaluation.open_vocabulary.record import VARIANTS, Classes, MapRun, cells_of
from biprompt.evaluation.referring.asking import Answer, ask, is_refused
from biprompt.evaluation.study import look
from biprompt.metrics import confusion
from biprompt.results import Segmentation

AT_ONCE = 16
"""Classes of one call, so that their masks need little memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """Label maps of one photograph; see `MapRun`.

    Attributes:
        truth: (H, W) int32.
        found: by variant, (H, W) int32.
        refused: indices of classes.
        unread: indices of classes.
        unknown: indices of classes.
    """

    truth: Labels
    found: Mapping[str, Labels]
    refused: Sequence[int]
    unread: Sequence[int]
    unknown: Sequence[int]


def measure_photograph(
    contender: Contender, sample: SemanticSample, classes: Classes, template: str
) -> MapRun:
    """Return the record of one photograph; arguments and errors as `map_photograph`."""
    maps = map_photograph(contender, sample, classes, template)
    cells = {
        variant: cells_of(confusion(labels, maps.truth, classes.count, IGNORE))
        for variant, labels in maps.found.items()
    }
    return MapRun(str(sample.image_id), cells, maps.refused, maps.unread, maps.unknown)


def map_photograph(
    contender: Contender, sample: SemanticSample, classes: Classes, template: str
) -> Maps:
    """Ask one photograph for every class; it is looked at once.

    Args:
        contender: who is asked.
        sample: the photograph.
        classes: of its set.
        template: how a class is asked for, "{}" where its name goes.

    Raises:
        PromptError: the model reads no words.
        DataError: the photograph has another size than its labels.
    """
    truth = truth_map(sample, classes)
    there = set(np.unique(truth).tolist())
    compositions = {name: Composition(truth.shape, classes.rest) for name in VARIANTS}
    refused, unread, unknown = list[int](), list[int](), list[int]()
    for index, answer in _answers(contender, sample, classes, template):
        if not isinstance(answer, Segmentation):
            unread.append(index)
            continue
        check_answer(answer, truth >= 0, sample.picture.path)
        takes = {"refusing": not is_refused(answer, contender), "always": True}
        takes["told"] = index in there
        for name, is_taken in takes.items():
            if is_taken:
                compositions[name].add(index, answer.mask, score_of(answer))
        if not takes["refusing"]:
            refused.append(index)
        if answer.card.text_understood is False:
            unknown.append(index)
    found = {name: each.labels for name, each in compositions.items()}
    return Maps(truth, found, refused, unread, unknown)


def wording(template: str, name: str) -> str:
    """Return how a class is asked for: in lower case, as by `biprompt evaluate referring`."""
    return template.replace("{}", name.strip().lower())


def _answers(
    contender: Contender, sample: SemanticSample, classes: Classes, template: str
) -> Iterator[tuple[int, Answer]]:
    scene: Any = look(contender, sample.picture)
    asked = classes.asked
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        phrases = [wording(template, classes.names[index]) for index in some]
        yield from zip(some, ask(contender, scene, phrases, refusing=False), strict=True)
