"""Referring expressions: RefCLEF, RefCOCO, RefCOCO+ and RefCOCOg, one picture an item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biprompt.data.faults import Faults
from biprompt.data.pictures import Picture
from biprompt.data.samples import ReferringSample
from biprompt.data.sources import Shapes
from biprompt.errors import DataError
from biprompt.training.evf.data.captions import cleaned
from biprompt.training.evf.data.drafts import Draft, drafted
from biprompt.training.evf.data.meaning import Facts, Labels, Meanings

LEAST_CORNERS = 3


@dataclass(frozen=True, slots=True, eq=False)
class ReferringDrafts:
    """Pictures with sentences about things in them.

    Attributes:
        name: how messages call them.
        pictures: the references of each picture; see `by_picture`.
        most: sentences of a picture in one sample, drawn without replacement from those of all its
            references, as the published code does; None: all of them, in order.
        known: what is in each picture, by its number in the data set; only mosaics need it.
        meanings: of the categories; only mosaics need them.
    """

    name: str
    pictures: Sequence[tuple[ReferringSample, ...]]
    most: int | None = 3
    known: Mapping[int | str, Facts] | None = None
    meanings: Meanings | None = None

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.pictures)

    def draft(self, index: int, rng: np.random.Generator) -> Draft:
        """Make a sample of some sentences about a picture, as `Drafts.draft`."""
        references = self.pictures[index]
        said = [(text, row) for row, ref in enumerate(references) for text in ref.sentences]
        if self.most is not None:
            said = [said[i] for i in rng.permutation(len(said))[: self.most].tolist()]
        masks = {row: references[row].mask() for row in sorted({row for _, row in said})}
        return drafted(
            f"{self.name}/{references[0].image_id}",
            references[0].picture,
            [text for text, _ in said],
            [masks[row] for _, row in said],
            [self._about(text, references[row]) for text, row in said],
        )

    def picture(self, index: int) -> NDArray[np.uint8]:
        """Return the pixels of a picture, (H, W, 3) uint8 RGB."""
        return self.pictures[index][0].picture.load().pixels

    def facts(self, index: int) -> Facts | None:
        """Return what the data set marks in a picture."""
        return None if self.known is None else self.known.get(self.pictures[index][0].image_id)

    def _about(self, text: str, reference: ReferringSample) -> Labels | None:
        if self.meanings is None or reference.label is None or reference.no_target:
            return None
        meant = self.meanings.of(text)
        return None if meant is None else meant | {reference.label}


def by_picture(
    samples: Iterable[ReferringSample], faults: Faults
) -> tuple[tuple[ReferringSample, ...], ...]:
    """Return the references of each picture, in the order of their first one, looked through.

    A sentence in a wrong encoding, an annotation without a mask, or an outline of two points is
    a fault; the rest of the picture stays.

    Raises:
        DataError: a fault, where `faults` does not take it; it names the file and the reference.
    """
    found: dict[tuple[Picture, int | str], list[ReferringSample]] = {}
    for sample in faults.each(samples, lambda sample: _usable(sample, faults)):
        found.setdefault((sample.picture, sample.image_id), []).append(sample)
    return tuple(tuple(group) for group in found.values())


def _usable(sample: ReferringSample, faults: Faults) -> Iterator[ReferringSample]:
    """The sample with its sentences cleaned; nothing where no sentence is left."""
    what = f"annotation of reference {sample.ref_id}"
    if isinstance(sample.target, Shapes):
        check_outlines(sample.target, what)
    path = sample.target.path if isinstance(sample.target, Shapes) else sample.picture.path

    def clean(numbered: tuple[int, str]) -> Iterator[str]:
        place, text = numbered
        try:
            yield cleaned(text, f"sentence {place + 1} of reference {sample.ref_id}")
        except DataError as error:
            raise DataError(
                error.what, expected=error.expected, actual=error.actual, path=path
            ) from error

    sentences = tuple(faults.each(enumerate(sample.sentences), clean))
    if sentences:
        yield replace(sample, sentences=sentences)


def check_outlines(shapes: Shapes, what: str) -> None:
    """Check that a mask is made of something, and of outlines that enclose something.

    pycocotools takes four numbers for a box, and no numbers at all for an empty mask.

    Raises:
        DataError: no mask, or an outline of fewer than three points.
    """
    if not shapes.outlines and not shapes.rles:
        expected = "polygons or run lengths"
        raise DataError(f"{what}: mask", expected=expected, actual="none", path=shapes.path)
    for outline in shapes.outlines:
        if len(outline) < LEAST_CORNERS:
            expected, actual = f"at least {LEAST_CORNERS} points", len(outline)
            raise DataError(f"{what}: polygon", expected=expected, actual=actual, path=shapes.path)
