"""Ask a photograph for every class, put label maps together, and count their pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from biprompt.data.labels import IGNORE
from biprompt.data.samples import SemanticSample
from biprompt.evaluation.model import Contender, check_answer
from biprompt.evaluation.open_vocabulary.composing import truth_map
from biprompt.evaluation.open_vocabulary.record import VARIANTS, Classes, MapRun, cells_of
from biprompt.evaluation.referring.asking import Answer, ask
from biprompt.evaluation.study import look
from biprompt.metrics import confusion
from biprompt.results import Segmentation
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.classes import ClassRules, NamedClass
from biprompt.segmenter.classes.asking import ClassMap, class_maps
from biprompt.segmenter.classes.composing import Composition, Labels
from biprompt.segmenter.classes.segmenting import takes_part
from biprompt.segmenter.classes.templates import default_templates


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
    contender: Contender, sample: SemanticSample, classes: Classes, rules: ClassRules
) -> MapRun:
    """Return the record of one photograph; arguments and errors as `map_photograph`."""
    maps = map_photograph(contender, sample, classes, rules)
    cells = {
        variant: cells_of(confusion(labels, maps.truth, classes.count, IGNORE))
        for variant, labels in maps.found.items()
    }
    return MapRun(str(sample.image_id), cells, maps.refused, maps.unread, maps.unknown)


def map_photograph(
    contender: Contender, sample: SemanticSample, classes: Classes, rules: ClassRules
) -> Maps:
    """Ask one photograph for every class, as `Segmenter.segment_classes` does; look at it once.

    Args:
        contender: who is asked.
        sample: the photograph.
        classes: of its set.
        rules: how classes are asked for and put together.

    Raises:
        PromptError: the model reads no words.
        DataError: the photograph has another size than its labels.
    """
    truth = truth_map(sample, classes)
    hw, there = (truth.shape[0], truth.shape[1]), set(np.unique(truth).tolist())
    scene = look(contender, sample.picture)
    frame = scene.frame if isinstance(scene, ImageEmbedding) else None
    compositions = {
        name: Composition(hw, classes.rest, rules.least, rules.weight) for name in VARIANTS
    }
    refused, unread, unknown = list[int](), list[int](), list[int]()
    threshold = rules.threshold(len(classes.asked))
    for index, found in _maps(contender, scene, sample, classes, rules, truth):
        if all(said.unread for said in found.said):
            unread.append(index)
            continue
        takes = {"refusing": takes_part(found, threshold), "always": True, "told": index in there}
        spread = found.spread(hw, frame)
        for name, is_taken in takes.items():
            if is_taken:
                compositions[name].add(index, spread, found.confidence)
        if not takes["refusing"]:
            refused.append(index)
        if not found.understood:
            unknown.append(index)
    labels = {name: each.labels for name, each in compositions.items()}
    return Maps(truth, labels, refused, unread, unknown)


def templates_of(contender: Contender, rules: ClassRules) -> tuple[str, ...]:
    """Return how a class is asked for: as the rules say, else as suits the contender."""
    return rules.templates or default_templates(contender.name, semantic=contender.semantic)


def _maps(
    contender: Contender,
    scene: Any,
    sample: SemanticSample,
    classes: Classes,
    rules: ClassRules,
    truth: Labels,
) -> Iterator[tuple[int, ClassMap]]:
    def answers(phrases: Sequence[str]) -> list[Answer]:
        found = ask(contender, scene, phrases, refusing=False)
        for answer in found:
            if isinstance(answer, Segmentation):
                check_answer(answer, truth >= 0, sample.picture.path)
        return found

    asked = classes.asked
    names = [NamedClass(classes.names[index]) for index in asked]
    templates = templates_of(contender, rules)
    for found in class_maps(answers, names, templates, rules.synonyms, soft=rules.soft):
        yield asked[found.place], found
