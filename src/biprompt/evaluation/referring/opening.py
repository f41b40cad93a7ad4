"""From a data set to the questions it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from biprompt.data.readers.registry import Kind, find_reader
from biprompt.data.samples import SampleSet
from biprompt.errors import InputError
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.referring.protocol import Referring
from biprompt.evaluation.referring.questions import (
    Question,
    Reading,
    label_of,
    of_classes,
    of_labels,
    of_sentences,
    of_things,
)
from biprompt.evaluation.samples import FOLDER, Opened, open_samples

Asked = Iterator[Question]
KINDS = (Kind.REFERRING, Kind.SEMANTIC, Kind.INTERACTIVE)


def open_study(
    root: Path,
    dataset: str = FOLDER,
    splits: Sequence[str] = (),
    *,
    instances: bool = False,
    every_class: bool = False,
    limit: int | None = None,
) -> Referring:
    """Read a data set and return the study of it; of label images it reads what is in them.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        splits: which parts; none takes the first of the reader's.
        instances: of labelled things, each is a target of its own, not all of a label together.
        every_class: ask for every class in every image, in it or not.
        limit: only the first so many questions of each part.

    Raises:
        DataError: the data are of another kind, missing, or wrong; or a thing has no label.
        InputError: an option that these data do not take, or a part that is named twice.
    """
    kind = find_reader(dataset).kind
    _check(kind, splits, instances=instances, every_class=every_class)
    reading = _reading(kind, instances=instances)
    opened = [open_samples(root, dataset, split, kinds=KINDS) for split in splits or (None,)]
    questions = (
        islice(_questions(each.samples, kind, reading, every_class), limit) for each in opened
    )
    options = {"instances": instances, "every-class": every_class}
    return Referring(
        _facts(opened, dataset, *(name for name, is_given in options.items() if is_given)),
        tuple(question for part in questions for question in part),
        dataset,
        tuple(each.samples.split for each in opened),
        reading,
        every_class,
    )


def _check(kind: Kind, splits: Sequence[str], *, instances: bool, every_class: bool) -> None:
    if len(set(splits)) < len(splits) or not all(splits):
        expected, actual = "names of splits, each once", ",".join(splits)
        raise InputError("--split", expected=expected, actual=actual)
    if instances and kind is not Kind.INTERACTIVE:
        expected = "data of single labelled things, such as coco-folder"
        raise InputError("--instances", expected=expected, actual=f"{kind} data")
    if every_class and (kind is Kind.REFERRING or instances):
        expected = "data of classes, all of a class together"
        actual = "single things" if instances else f"{kind} data"
        raise InputError("--every-class", expected=expected, actual=actual)


def _reading(kind: Kind, *, instances: bool) -> Reading:
    if kind is Kind.REFERRING:
        return Reading.SENTENCES
    return Reading.THINGS if instances else Reading.CLASSES


def _questions(samples: SampleSet[Any], kind: Kind, reading: Reading, every: bool) -> Asked:
    split = samples.split
    if kind is Kind.REFERRING:
        return of_sentences(samples, split)
    if kind is Kind.SEMANTIC:
        return of_classes(samples, split, every=every)
    if reading is Reading.THINGS:
        return of_things(samples, split)
    labels = sorted({label_of(each) for each in samples}) if every else ()
    return of_labels(samples, split, labels)


def _facts(opened: Sequence[Opened[Any]], dataset: str, *options: str) -> DataFacts:
    splits = [each.samples.split for each in opened]
    names = [opened[0].data.name] if dataset == FOLDER else [dataset, *splits]
    return DataFacts("-".join([*names, *options]), opened[0].data.digest)
