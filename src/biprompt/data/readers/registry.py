"""Which reader reads which data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from biprompt.data.readers import (
    ade20k,
    coco,
    coco20i,
    coco_stuff,
    endovis17,
    flare22,
    folder_episodes,
    fss1000,
    grefcoco,
    humanparsing,
    interactive,
    objects365,
    partimagenet,
    pascal5i,
    pascal_part,
    phrasecut,
    reasonseg,
    refer,
    sbd,
    voc,
)
from biprompt.data.readers._episodes import FOLDS
from biprompt.data.samples import SampleSet
from biprompt.errors import DataError


class Kind(StrEnum):
    """What a data set's samples are."""

    REFERRING = "referring"
    SEMANTIC = "semantic"
    INTERACTIVE = "interactive"
    VOLUME = "volume"
    EPISODE = "episode"


@dataclass(frozen=True, slots=True)
class Reader:
    """How a data set is read.

    Attributes:
        kind: what its samples are: ReferringSample, SemanticSample, InteractiveObject,
            VolumeSample or EpisodeSample.
        read: takes the name, the folder and the split; few-shot sets also `shots` and `seed`.
        splits: the splits it may have; the first is what published tables give first.
    """

    kind: Kind
    read: Callable[..., SampleSet[Any]]
    splits: tuple[str, ...]


_UNC = ("val", "testA", "testB", "train")
_HELD_OUT = ("val", "test", "train")


def _refer(folder: str, splits: tuple[str, ...], *split_by: str) -> Reader:
    read = partial(refer.read_refer, folder=folder, split_by=split_by)
    return Reader(Kind.REFERRING, read, splits)


def _package(package: interactive.Package) -> Reader:
    read = partial(interactive.read_package, package=package)
    return Reader(Kind.INTERACTIVE, read, ("test",))


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "refcoco": _refer("refcoco", _UNC, "unc"),
        "refcoco-google": _refer("refcoco", _HELD_OUT, "google"),
        "refcoco+": _refer("refcoco+", _UNC, "unc"),
        "refcocog-umd": _refer("refcocog", _HELD_OUT, "umd"),
        "refcocog-google": _refer("refcocog", ("val", "train"), "google"),
        "refclef": _refer("refclef", ("val", "testA", "testB", "testC", "train"), "unc"),
        "refclef-berkeley": _refer("refclef", _HELD_OUT, "berkeley"),
        "grefcoco": Reader(Kind.REFERRING, grefcoco.read_grefcoco, _UNC),
        "r-refcoco": _refer("rrefcoco", _UNC, "unc"),
        "r-refcoco+": _refer("rrefcoco+", _UNC, "unc"),
        "r-refcocog": _refer("rrefcocog", _HELD_OUT, "umd", "unc"),
        "phrasecut": Reader(
            Kind.REFERRING, phrasecut.read_phrasecut, ("test", "val", "train", "miniv")
        ),
        "reasonseg": Reader(Kind.REFERRING, reasonseg.read_reasonseg, _HELD_OUT),
        "ade20k": Reader(Kind.SEMANTIC, ade20k.read_ade20k, ("val", "train")),
        "pascal-voc": Reader(Kind.SEMANTIC, voc.read_voc, ("val", "train", "trainval")),
        "pascal-context": Reader(Kind.SEMANTIC, voc.read_pascal_context, ("val", "train")),
        "pascal-part": Reader(Kind.SEMANTIC, pascal_part.read_pascal_part, ("val", "train")),
        "partimagenet": Reader(
            Kind.SEMANTIC, partimagenet.read_partimagenet, ("train", "val", "test")
        ),
        "humanparsing": Reader(Kind.SEMANTIC, humanparsing.read_humanparsing, ("all",)),
        "coco-stuff": Reader(Kind.SEMANTIC, coco_stuff.read_coco_stuff, ("val", "train")),
        "endovis17": Reader(Kind.SEMANTIC, endovis17.read_endovis17, tuple(endovis17.SPLITS)),
        "endovis17-objects": Reader(
            Kind.INTERACTIVE, endovis17.read_endovis17_objects, tuple(endovis17.SPLITS)
        ),
        "grabcut": _package(interactive.GRABCUT),
        "berkeley": _package(interactive.BERKELEY),
        "davis": _package(interactive.DAVIS),
        "coco-mval": _package(interactive.COCO_MVAL),
        "sbd": Reader(Kind.INTERACTIVE, sbd.read_sbd, ("val", "train")),
        "coco": Reader(
            Kind.INTERACTIVE,
            coco.read_coco_objects,
            ("val2017", "train2017", "val2014", "train2014"),
        ),
        "objects365": Reader(Kind.INTERACTIVE, objects365.read_objects365, ("train", "val")),
        "coco-folder": Reader(Kind.INTERACTIVE, coco.read_coco_folder, ("all",)),
        "flare22": Reader(Kind.VOLUME, flare22.read_flare22, ("train",)),
        "pascal-5i": Reader(Kind.EPISODE, pascal5i.read_pascal5i, FOLDS),
        "coco-20i": Reader(Kind.EPISODE, coco20i.read_coco20i, FOLDS),
        "fss-1000": Reader(Kind.EPISODE, fss1000.read_fss1000, ("test", "val")),
        "coco-folder-episodes": Reader(
            Kind.EPISODE, folder_episodes.read_folder_episodes, folder_episodes.SPLITS
        ),
    }
)


def find_reader(name: str) -> Reader:
    """Return the reader of a data set.

    Raises:
        DataError: there is none of that name.
    """
    if name in READERS:
        return READERS[name]
    raise DataError("data set", expected=", ".join(READERS), actual=name)


def read_dataset(
    name: str, root: str | Path, split: str | None = None, **options: Any
) -> SampleSet[Any]:
    """Read the index of a published data set; no pixels.

    Args:
        name: one of READERS, as `biprompt data` lists them.
        root: the folder that `biprompt data where NAME` describes.
        split: which part; None takes the first of the reader's splits.
        options: `shots` and `seed`, for few-shot sets.

    Returns:
        The samples, of the type that the reader's kind tells.

    Raises:
        DataError: no such data set or split, a file is missing, or something in the files is not
            what it should be; the message names the file and how to get it.
    """
    reader = find_reader(name)
    return reader.read(name, root, split or reader.splits[0], **options)
