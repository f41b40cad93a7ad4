"""What the readers give and the protocols take: one frozen value per thing to measure.

A sample names files and outlines; pixels appear when `picture.load()`, `mask()` and the like are
called, and are not kept. Masks are (H, W) bool in the frame of the loaded picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

from biprompt.data.labels import ClassMasks, LabelMap
from biprompt.data.outlines import BoolMask
from biprompt.data.pictures import Picture
from biprompt.data.sources import MaskSource

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class ReferringSample:
    """One thing of an image and the sentences that mean it.

    Attributes:
        picture: the image.
        image_id: the image's number or name in the data set; samples of one image share it.
        ref_id: the reference's number or name in the data set.
        sentences: as the data set spells them; each is one question with the same answer.
        target: the mask they mean.
        ignore: pixels that no metric counts, or None.
        no_target: nothing in the image is meant, and the right answer is "not here".
        split: the split it belongs to, as its file spells it.
        label: the category of what they mean, where the data set tells it.
    """

    picture: Picture
    image_id: int | str
    ref_id: int | str
    sentences: tuple[str, ...]
    target: MaskSource
    ignore: MaskSource | None = None
    no_target: bool = False
    split: str = ""
    label: str | None = None

    def mask(self) -> BoolMask:
        """Decode the target; empty where there is none."""
        return self.target.decode()

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels that do not count; None where all do."""
        return None if self.ignore is None else self.ignore.decode()


@dataclass(frozen=True, slots=True)
class SemanticSample:
    """An image of which every pixel, or every part, has a class.

    Attributes:
        picture: the image.
        image_id: its number or name in the data set.
        classes: the names, by class index; one tuple for the whole data set.
        source: a label map, or a mask for each class (parts may overlap).
        background: index of the class that is everything else, or None.
    """

    picture: Picture
    image_id: int | str
    classes: tuple[str, ...]
    source: LabelMap | ClassMasks
    background: int | None = None

    def regions(self) -> Iterator[tuple[int, BoolMask]]:
        """Decode each class in the image: (class index, mask), in rising order."""
        return self.source.regions()

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels that do not count; None where the data set marks none."""
        return self.source.ignore_mask()


@dataclass(frozen=True, slots=True)
class InteractiveObject:
    """One object to be clicked.

    Attributes:
        picture: the image.
        image_id: its number or name in the data set.
        object_id: what tells the objects of one image apart.
        target: the object's mask.
        ignore: the band along its boundary that metrics skip, or None.
        label: what it is called, or None.
    """

    picture: Picture
    image_id: int | str
    object_id: int | str
    target: MaskSource
    ignore: MaskSource | None = None
    label: str | None = None

    @property
    def key(self) -> str:
        """A name that is unique in the data set, for records."""
        return f"{self.image_id}#{self.object_id}"

    def mask(self) -> BoolMask:
        """Decode the object."""
        return self.target.decode()

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels that do not count; None where all do."""
        return None if self.ignore is None else self.ignore.decode()


@dataclass(frozen=True, slots=True)
class Shot:
    """One image of a few-shot episode with the mask of the episode's class.

    Attributes:
        picture: the image.
        image_id: its name in the data set.
        target: where the class is.
        ignore: pixels that do not count, or None.
    """

    picture: Picture
    image_id: str
    target: MaskSource
    ignore: MaskSource | None = None

    def mask(self) -> BoolMask:
        """Decode where the class is."""
        return self.target.decode()

    def ignore_mask(self) -> BoolMask | None:
        """Decode the pixels that do not count; None where all do."""
        return None if self.ignore is None else self.ignore.decode()


@dataclass(frozen=True, slots=True)
class EpisodeSample:
    """One few-shot question: here is the class in other images, where is it in this one.

    Attributes:
        query: the image to segment and its answer.
        supports: the examples; none of them shows the query's image.
        label: the class's name.
        class_id: its index among all classes of the data set.
        fold: which part of the classes it comes from.
    """

    query: Shot
    supports: tuple[Shot, ...]
    label: str
    class_id: int
    fold: int


class SampleSet(Sequence[T_co], Generic[T_co]):
    """The samples of one split: a sequence of known length, and what it was read from.

    Attributes:
        name: the data set, as `biprompt data` lists it.
        split: which part.
        items: the samples; may be made on access.
    """

    __slots__ = ("items", "name", "split")

    def __init__(self, name: str, split: str, items: Sequence[T_co]) -> None:
        """Keep the samples as they are."""
        self.name = name
        self.split = split
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T_co: ...

    @overload
    def __getitem__(self, index: slice) -> SampleSet[T_co]: ...

    def __getitem__(self, index: int | slice) -> T_co | SampleSet[T_co]:
        if isinstance(index, slice):
            places = range(len(self.items))[index]
            return SampleSet(self.name, self.split, tuple(self.items[i] for i in places))
        return self.items[index]

    def __repr__(self) -> str:
        return f"SampleSet({self.name!r}, {self.split!r}, {len(self)} samples)"
