"""What is asked: each sentence of an image, or each of its classes, and the mask that is right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from biprompt.data.labels import LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, ReferringSample, SemanticSample
from biprompt.data.sources import MaskSource, Union
from biprompt.errors import DataError
from biprompt.evaluation.referring.truth import ClassIgnored, ClassRegion, NoneOf, classes_in


class Reading(StrEnum):
    """What a question means.

    SENTENCES: what the sentence refers to. CLASSES: all of the class in the image, which is the
    semantic reading. THINGS: one single thing of the class.
    """

    SENTENCES = "sentences"
    CLASSES = "classes"
    THINGS = "things"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One sentence about one image.

    Attributes:
        key: unique in the run.
        split: part of the data set.
        image: name of the image in the data set; questions of one image share it.
        sentence: the words, as the data set spells them.
        picture: the image.
        target: the mask it means.
        ignore: pixels that no metric counts, or None.
        label: the class, empty where the data set names none.
        same: how many things of the class the data set outlines in the image; None where it does
            not tell.
    """

    key: str
    split: str
    image: str
    sentence: str
    picture: Picture
    target: MaskSource
    ignore: MaskSource | None = None
    label: str = ""
    same: int | None = None


def of_sentences(samples: Iterable[ReferringSample], split: str) -> Iterator[Question]:
    """Yield one question a sentence; those of one reference are numbered from 0."""
    numbers: Counter[str] = Counter()
    for sample in samples:
        reference = f"{split}/{sample.ref_id}"
        for sentence in sample.sentences:
            key = f"{reference}#{numbers[reference]}"
            numbers[reference] += 1
            image, target, ignore = str(sample.image_id), sample.target, sample.ignore
            yield Question(key, split, image, sentence, sample.picture, target, ignore)


def of_classes(
    samples: Iterable[SemanticSample], split: str, *, every: bool = False
) -> Iterator[Question]:
    """Yield one question a class of an image, in the order of the classes.

    Args:
        samples: images; what is background is never asked.
        split: part of the data set.
        every: ask all classes of the data set, in the image or not.
    """
    for sample in samples:
        source, image = sample.source, str(sample.image_id)
        ignore = ClassIgnored(source) if isinstance(source, LabelMap) else None
        asked = range(len(sample.classes)) if every else classes_in(source)
        for index in asked:
            if index == sample.background:
                continue
            name, target = sample.classes[index], ClassRegion(source, index)
            key = f"{split}/{image}#{index}"
            yield Question(key, split, image, name, sample.picture, target, ignore, name)


def of_labels(
    objects: Iterable[InteractiveObject], split: str, every: Sequence[str] = ()
) -> Iterator[Question]:
    """Yield one question a label of an image: all of its things together are the target.

    Args:
        objects: labelled things.
        split: part of the data set.
        every: labels to ask of every image, there or not.

    Raises:
        DataError: a thing has no label.
    """
    for image, things in _by_image(objects).items():
        by_label: dict[str, list[InteractiveObject]] = defaultdict(list)
        for each in things:
            by_label[label_of(each)].append(each)
        for label in dict.fromkeys([*by_label, *every]):
            found = by_label.get(label, [])
            target = (
                Union(tuple(each.target for each in found)) if found else NoneOf(things[0].target)
            )
            key, picture = f"{split}/{image}#{label}", things[0].picture
            ignore = _together([each.ignore for each in found])
            yield Question(key, split, image, label, picture, target, ignore, label, len(found))


def of_things(objects: Iterable[InteractiveObject], split: str) -> Iterator[Question]:
    """Yield one question a thing, asked by its label.

    Raises:
        DataError: a thing has no label.
    """
    for image, things in _by_image(objects).items():
        same = Counter(map(label_of, things))
        for each in things:
            label, key = label_of(each), f"{split}/{each.key}"
            picture, target, ignore = each.picture, each.target, each.ignore
            yield Question(key, split, image, label, picture, target, ignore, label, same[label])


def label_of(thing: InteractiveObject) -> str:
    """Return what a thing is called.

    Raises:
        DataError: it has no name.
    """
    if thing.label is None:
        expected = "a label, as words are asked"
        raise DataError(f"object {thing.key}", expected=expected, actual="none")
    return thing.label


def _by_image(objects: Iterable[InteractiveObject]) -> dict[str, list[InteractiveObject]]:
    found: dict[str, list[InteractiveObject]] = defaultdict(list)
    for each in objects:
        found[str(each.image_id)].append(each)
    return found


def _together(sources: Iterable[MaskSource | None]) -> MaskSource | None:
    found = tuple(each for each in sources if each is not None)
    return Union(found) if found else None
