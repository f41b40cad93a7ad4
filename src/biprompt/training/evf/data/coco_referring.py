"""What the referring sets on COCO's pictures share: which are held out, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from biprompt.data.readers.presence import read_presence
from biprompt.data.readers.refer import held_out_images
from biprompt.data.vocabulary import load_vocabulary
from biprompt.errors import DataError
from biprompt.training.evf.data.meaning import Facts, Meanings

REFER_FAMILY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "refcoco": ("refcoco", "unc"),
        "refcoco-google": ("refcoco", "google"),
        "refcoco+": ("refcoco+", "unc"),
        "refcocog-umd": ("refcocog", "umd"),
        "refcocog-google": ("refcocog", "google"),
        "refclef": ("refclef", "unc"),
        "refclef-berkeley": ("refclef", "berkeley"),
    }
)
"""Folder and splitter of each data set in the refer layout."""


class Placed(Protocol):
    """A data set and where it lies."""

    @property
    def dataset(self) -> str:
        """Its name."""
        ...

    @property
    def root(self) -> Path:
        """Its folder."""
        ...


def on_coco(dataset: str) -> bool:
    """Return whether a data set speaks of COCO's pictures in the refer layout."""
    return REFER_FAMILY.get(dataset, ("refclef",))[0] != "refclef"


def held_out(specs: Iterable[Placed]) -> frozenset[int]:
    """Return the COCO images that any of some data sets validates or tests on.

    Raises:
        DataError: the references of one are missing or damaged.
    """
    found = frozenset[int]()
    for spec in specs:
        if on_coco(spec.dataset):
            folder, who = REFER_FAMILY[spec.dataset]
            found |= held_out_images(spec.dataset, spec.root, folder=folder, split_by=(who,))
    return found


def known(spec: Placed) -> tuple[Mapping[int | str, Facts] | None, Meanings | None]:
    """Return what is in each picture of a set on COCO, and the meanings of its categories.

    COCO marks every instance of its categories, so that what is not marked is not there. Of other
    data sets nothing is known.

    Raises:
        DataError: `instances.json` is missing or damaged.
    """
    if not on_coco(spec.dataset):
        return None, None
    path = spec.root / REFER_FAMILY[spec.dataset][0] / "instances.json"
    if not path.is_file():
        raise DataError("file", expected="it to be there", actual="nothing", path=path)
    presence = read_presence(path)
    facts: dict[int | str, Facts] = {
        image: Facts(present, presence.categories) for image, present in presence.by_image.items()
    }
    vocabulary = load_vocabulary().with_labels(presence.categories)
    return facts, Meanings(vocabulary, presence.categories)
