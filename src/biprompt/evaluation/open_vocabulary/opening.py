"""Open any set of which photographs are labelled by class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from biprompt.data.readers.registry import Kind, find_reader
from biprompt.errors import DataError, InputError
from biprompt.evaluation.absence.opening import DATASETS as KNOWN
from biprompt.evaluation.absence.opening import open_photographs
from biprompt.evaluation.absence.photographs import Labelled
from biprompt.evaluation.open_vocabulary.protocol import OpenVocabulary
from biprompt.evaluation.open_vocabulary.record import Classes
from biprompt.evaluation.open_vocabulary.splits import numbers_of, unseen_names
from biprompt.evaluation.samples import FOLDER
from biprompt.segmenter.classes import ClassRules

DATASETS = tuple(name for name in KNOWN if find_reader(name).kind is not Kind.REFERRING)
"""Sets with classes: semantic ones, and things that are joined by their label."""
_FULL = ("ade20k", "coco-stuff")
"""Sets in which every pixel has a class or counts nowhere."""


def open_study(
    root: Path,
    dataset: str = FOLDER,
    split: str | None = None,
    *,
    unseen: Sequence[str] = (),
    rules: ClassRules | None = None,
    ignore_background: bool = False,
    validation_only: bool | None = None,
    limit: int | None = None,
) -> OpenVocabulary:
    """Read the index of a data set and return the study of it; no pixels.

    Args:
        root: its folder.
        dataset: one of DATASETS.
        split: which part; None takes the first of the reader's.
        unseen: names of the classes kept out of training; "standard" alone takes the usual ones.
        rules: how classes are asked for and put together.
        ignore_background: pixels of the background count nowhere.
        validation_only: see `biprompt.evaluation.absence.opening.open_photographs`.
        limit: only the first so many photographs.

    Raises:
        DataError: such data have no classes, or they are missing or wrong.
        InputError: an unseen class that cannot be; or there is no background.
    """
    if dataset not in DATASETS:
        expected = f"one with classes: {', '.join(sorted(DATASETS))}"
        raise DataError("data set", expected=expected, actual=dataset)
    names = unseen_names(unseen, dataset)
    opened = open_photographs(root, dataset, split, validation_only=validation_only, limit=limit)
    samples = tuple(each.sample for each in opened.photographs if isinstance(each, Labelled))
    plain = Classes.of(samples[0], partial=False, ignored=False, unseen=())
    if ignore_background and plain.background is None:
        expected = "a set with a class for the background, such as pascal-voc"
        raise InputError("--ignore-background", expected=expected, actual=dataset)
    asked = [plain.names[index] for index in plain.asked]
    out = tuple(plain.names.index(asked[place]) for place in numbers_of(names, asked))
    partial = plain.background is None and dataset not in _FULL
    classes = Classes.of(samples[0], partial=partial, ignored=ignore_background, unseen=out)
    return OpenVocabulary(opened.data, samples, classes, dataset, rules or ClassRules())
