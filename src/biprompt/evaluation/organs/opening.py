"""Choose the slices of a data set of volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from biprompt.data.readers.registry import Kind
from biprompt.data.samples import SampleSet
from biprompt.data.volumes import VolumeSample
from biprompt.errors import DataError, InputError
from biprompt.evaluation.organs.protocol import Chosen, Organs
from biprompt.evaluation.organs.questions import NAME, Told, questions_of
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.samples import open_samples


def open_study(
    root: Path,
    dataset: str = "flare22",
    split: str | None = None,
    *,
    told: str = Told.QUESTION,
    question: str | None = None,
    every: int = 1,
    pixels: int = 0,
    limit: int | None = None,
) -> Organs:
    """Read the labels of a data set and return the study of it; no image is read.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        split: which part; None takes the first of the reader's.
        told: one of Told.
        question: see `questions_of`; None asks by name.
        every: take every so many-th slice of a volume, from the feet.
        pixels: of these, take slices of which some organ covers at least so many pixels.
        limit: only the first so many slices.

    Raises:
        DataError: the data are of another kind, missing, or wrong; or no slice is left.
        InputError: `told` or `question` is unknown, or words come with a click or a box.
    """
    if told not in list(Told):
        raise InputError("told", expected=", ".join(Told), actual=told)
    if question is not None and told != Told.QUESTION:
        raise InputError("question", expected=f"none, as a {told} is told", actual=question)
    opened = open_samples(root, dataset, split, kinds=(Kind.VOLUME,))
    volumes: SampleSet[VolumeSample] = opened.samples
    asked = question or NAME
    questions = questions_of(asked, volumes[0].organs)
    slices = tuple(islice(_slices(volumes, every, pixels), limit))
    if not slices:
        expected = f"at least one with {pixels} pixels of an organ"
        raise DataError("slices", expected=expected, actual="none", path=root)
    name = opened.data.name if told == Told.QUESTION else f"{opened.data.name}-{told}"
    facts = DataFacts(name, opened.data.digest)
    return Organs(facts, slices, questions, Told(told), asked, every, pixels)


def _slices(volumes: Sequence[VolumeSample], every: int, pixels: int) -> Iterator[Chosen]:
    for volume in volumes:
        for index, labels in enumerate(volume.labels()):
            if index % every == 0 and np.bincount(labels[labels > 0], minlength=1).max() >= pixels:
                yield volume, index
