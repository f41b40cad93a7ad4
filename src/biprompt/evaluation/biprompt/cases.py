"""What is asked about: a thing, and what it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import Picture
from biprompt.data.samples import InteractiveObject, ReferringSample
from biprompt.errors import DataError

Sample = InteractiveObject | ReferringSample


class Masked(Protocol):
    """Something with a mask; samples of data sets and annotations are."""

    def mask(self) -> BoolMask:
        """Decode it."""
        ...

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels that do not count; None where all do."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """One thing under one name.

    Attributes:
        key: unique in the data set, for records.
        thing: the same for several sentences about one thing, which is then clicked alike.
        label: its class name, or a sentence that means it.
        image_id: the same for all things of one image.
        picture: the image.
        sample: has the mask.
    """

    key: str
    thing: str
    label: str
    image_id: str
    picture: Picture
    sample: Masked


def cases_of(samples: Iterable[Sample]) -> Iterator[Case]:
    """Yield a case for every named object, or for every sentence of a reference.

    A reference that means nothing in its image is left out: there is nothing to point at.

    Args:
        samples: of a data set.

    Raises:
        DataError: an object has no name.
    """
    for sample in samples:
        if isinstance(sample, InteractiveObject):
            yield _named(sample)
        elif not sample.no_target:
            yield from _meant(sample)


def _named(sample: InteractiveObject) -> Case:
    label = named(sample.key, sample.label, sample.picture.path)
    return Case(sample.key, sample.key, label, str(sample.image_id), sample.picture, sample)


def named(key: str, label: str | None, path: Path) -> str:
    """Return the name of an object.

    Args:
        key: of the object, for the message.
        label: its name, if there is one.
        path: its image, for the message.

    Raises:
        DataError: there is none.
    """
    if label is None or not label.strip():
        expected = "a name, as its words are asked"
        raise DataError(f"label of object {key}", expected=expected, actual="none", path=path)
    return label


def _meant(sample: ReferringSample) -> Iterator[Case]:
    thing = f"{sample.image_id}#{sample.ref_id}"
    for number, sentence in enumerate(sample.sentences, start=1):
        key, image = f"{thing}#{number}", str(sample.image_id)
        words = sentence.strip().lower()  # as EVF-SAM's evaluation has them
        yield Case(key, thing, words, image, sample.picture, sample)
