"""Data sets of photographs, each beside a label image of the same name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from biprompt.data.faults import Faults
from biprompt.data.labels import LabelMap
from biprompt.data.pictures import Picture
from biprompt.data.readers._files import Layout
from biprompt.data.samples import SampleSet, SemanticSample


def labelled_pictures(
    layout: Layout,
    split: str,
    pairs: Iterable[tuple[Path, Path]],
    classes: tuple[str, ...],
    meaning: Mapping[int, int],
    background: int | None = None,
    faults: Faults | None = None,
) -> SampleSet[SemanticSample]:
    """Return the samples of (photograph, label image) pairs; the photograph's name is the id.

    Raises:
        DataError: one of the files is missing and `faults` does not take it; the message names it.
    """

    def samples(pair: tuple[Path, Path]) -> Iterator[SemanticSample]:
        picture, labels = pair
        yield SemanticSample(
            picture=Picture(layout.present(picture)),
            image_id=picture.stem,
            classes=classes,
            source=LabelMap(layout.present(labels), meaning),
            background=background,
        )

    made = (faults or Faults()).each(pairs, samples)
    return SampleSet(layout.name, split, tuple(made))
