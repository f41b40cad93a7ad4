"""Classes in, label map out: what `Segmenter.segment_classes` does."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from biprompt.errors import PromptError
from biprompt.prompts import Prompt
from biprompt.results import Segmentation
from biprompt.results.label_map import ClassFacts, LabelMap
from biprompt.runtime.base import ImageEmbedding
from biprompt.segmenter.classes.asking import Ask, ClassMap, class_maps
from biprompt.segmenter.classes.choosing import choose_template
from biprompt.segmenter.classes.composing import Composition
from biprompt.segmenter.classes.denoising import is_there, surest_pixel
from biprompt.segmenter.classes.names import Given, NamedClass, classes_of
from biprompt.segmenter.classes.parting import parted
from biprompt.segmenter.classes.rules import ClassRules
from biprompt.segmenter.classes.templates import default_templates
from biprompt.segmenter.core import Segmenter

LONG_LIST = 24
"""Names from which on presences are asked first; below, asking twice costs more than it saves."""


def segment_classes(
    segmenter: Segmenter, image: Any, classes: Given, *,
    rules: ClassRules | None = None, instances: bool | Iterable[str] = False,
) -> LabelMap:  # fmt: skip
    """See `Segmenter.segment_classes`."""
    wanted, rules = classes_of(classes), rules or ClassRules()
    things = _things(wanted, instances)
    started = time.perf_counter()
    scene = segmenter.embed(image)
    looked = time.perf_counter()
    templates = templates_for(segmenter, scene, wanted, rules)
    threshold = rules.threshold(len(wanted))
    composition = Composition(scene.frame.original_hw, 0, rules.least, rules.weight)
    asked = [
        _composed(composition, found, scene, threshold)
        for found in class_maps(
            asker(segmenter, scene), wanted, templates, rules.synonyms, soft=rules.soft,
            glance=_glance(segmenter, scene, len(wanted)), threshold=threshold,
        )
    ]  # fmt: skip
    facts = tuple(_facts(wanted[found.place], found, composition) for found in asked)
    apart = None
    if things is not None:
        apart = parted(segmenter, scene, composition.labels, wanted, things)
    timings = {"embed": (looked - started) * 1e3, "classes": (time.perf_counter() - looked) * 1e3}
    return LabelMap(
        composition.labels, facts, segmenter.name, _reason(facts, threshold),
        apart,
        scene.path, scene.pixels, {name: round(value, 3) for name, value in timings.items()},
    )  # fmt: skip


def templates_for(
    segmenter: Segmenter, scene: ImageEmbedding, classes: Sequence[NamedClass], rules: ClassRules
) -> tuple[str, ...]:
    """Return the templates that classes are asked by: all of the rules', or the least sharp one."""
    semantic = segmenter.runtime.facts.semantic
    templates = rules.templates or default_templates(segmenter.name, semantic=semantic)
    if not rules.sharpest:
        return templates
    return (choose_template([asker(segmenter, scene, outline=False)], classes, templates),)


def asker(segmenter: Segmenter, scene: ImageEmbedding, *, outline: bool = True) -> Ask:
    """Return what answers phrases about an image.

    Nothing is refused; a phrase that the model cannot read is answered by the reason. With
    `outline` False only presences are worth something, which saves most of the time.
    """
    policy = replace(segmenter.policy, presence_threshold=0.0 if outline else 1.0)

    def ask(phrases: Sequence[str]) -> list[Segmentation | str]:
        try:
            prompts = [Prompt.build(text=phrase) for phrase in phrases]
            return list(
                segmenter.segment_many(scene, prompts, policy=policy, outline_absent=outline)
            )
        except PromptError as error:
            if len(phrases) > 1:
                return [answer for phrase in phrases for answer in ask([phrase])]
            if error.what != "phrase":
                raise  # the model reads no words at all
            return [str(error)]

    return ask


def _glance(segmenter: Segmenter, scene: ImageEmbedding, names: int) -> Ask | None:
    """Of a long list most are not there: their presence is asked before they are outlined."""
    return asker(segmenter, scene, outline=False) if names >= LONG_LIST else None


def takes_part(found: ClassMap, threshold: float) -> bool:
    """Say whether a class is there for all that its map says; see `denoising.is_there`."""
    if found.values is None or not found.understood:
        return False
    return is_there(found.presence, surest_pixel(found.values), threshold)


def _composed(
    composition: Composition, found: ClassMap, scene: ImageEmbedding, threshold: float
) -> ClassMap:
    """Let a class claim its pixels; its values are then let go."""
    if takes_part(found, threshold):
        spread = found.spread(composition.labels.shape, scene.frame)
        composition.add(found.place + 1, spread, found.confidence)
    bare = tuple(replace(said, values=None) for said in found.said)
    return replace(found, said=bare, values=None)


def _facts(asked: NamedClass, found: ClassMap, composition: Composition) -> ClassFacts:
    area, score = composition.score(found.place + 1)
    return ClassFacts(asked.name, found.phrases, found.presence, score, area, found.understood)


def _things(classes: Sequence[NamedClass], instances: bool | Iterable[str]) -> list[int] | None:
    """Numbers of the classes whose instances are wanted; None for no instances at all."""
    names = [each.name for each in classes]
    if isinstance(instances, bool):
        return list(range(1, len(names) + 1)) if instances else None
    wanted = list(instances)
    for name in wanted:
        if name not in names:
            raise PromptError("instances", expected=", ".join(names), actual=repr(name))
    return [names.index(name) + 1 for name in dict.fromkeys(wanted)]


def _reason(facts: Sequence[ClassFacts], threshold: float) -> str:
    """What became of the classes, in a sentence or two."""
    found = [each.name for each in facts if each.area]
    unknown = [each.name for each in facts if not each.understood]
    known = [each for each in facts if each.understood and not each.area]
    doubted = [e.name for e in known if e.presence is not None and e.presence < threshold]
    outdone = [e.name for e in known if e.name not in doubted]
    told: Mapping[str, list[str]] = {
        "Not here": doubted,
        "Without a pixel of their own": outdone,
        "Not known to the model": unknown,
    }
    first = f"{len(found)} of {len(facts)} classes found."
    return " ".join([first, *(f"{what}: {', '.join(n)}." for what, n in told.items() if n)])
