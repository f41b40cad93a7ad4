"""Open the photographs of any set that tells what is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from biprompt.data.coco import read_coco
from biprompt.data.inventory import of_folder, of_objects, read_coco_inventory
from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.samples import ReferringSample, SampleSet, SemanticSample
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.evaluation.absence.photographs import Described, Labelled, Photograph
from biprompt.evaluation.provenance import DataFacts, data_digest
from biprompt.evaluation.samples import FOLDER, TRAINING_FOLDER

_OFFICIAL_COCO = "coco"
_OBJECTS = ("endovis17-objects", "sbd")
_SENTENCES = ("grefcoco", "r-refcoco", "r-refcoco+", "r-refcocog")
DATASETS = (
    *(FOLDER, _OFFICIAL_COCO, *_OBJECTS, *_SENTENCES),
    *(name for name, reader in READERS.items() if reader.kind is Kind.SEMANTIC),
)
"""Sets in which everything that is asked for is labelled wherever it is."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Photographs, and which data they are.

    Attributes:
        photographs: the first ones, as many as were asked for.
        data: name and digest of the set.
        kind: of the set.
        validation_only: whether photographs that may be trained on were left out.
    """

    photographs: tuple[Photograph, ...]
    data: DataFacts
    kind: Kind
    validation_only: bool


def open_photographs(
    root: Path,
    dataset: str = FOLDER,
    split: str | None = None,
    *,
    validation_only: bool | None = None,
    limit: int | None = None,
) -> Opened:
    """Read the index of a data set; no pixels.

    Args:
        root: its folder.
        dataset: one of DATASETS.
        split: which part; None takes the first of the reader's.
        validation_only: take the photographs that are kept out of training
            (`biprompt.data.splits`) and no others; None does so where the folder's name ends with
            TRAINING_FOLDER.
        limit: only the first so many photographs.

    Raises:
        DataError: absence is not known in such data, or they are missing or wrong.
    """
    if dataset not in DATASETS:
        expected = f"one that tells what is not there: {', '.join(sorted(DATASETS))}"
        raise DataError("data set", expected=expected, actual=dataset)
    folder = root.resolve().name
    if validation_only is None:
        validation_only = dataset == FOLDER and folder.endswith(TRAINING_FOLDER)
    every, part = _read(root, dataset, split)
    kept = [each for each in every if not validation_only or is_validation(each.picture.path.name)]
    if not kept:
        which = " kept out of training" if validation_only else ""
        raise DataError(f"photographs{which}", expected="at least one", actual="none", path=root)
    name = folder if dataset == FOLDER else f"{dataset}-{part}"
    facts = DataFacts(f"{name}-validation" if validation_only else name, data_digest(root))
    return Opened(tuple(kept[:limit]), facts, find_reader(dataset).kind, validation_only)


def _read(root: Path, dataset: str, split: str | None) -> tuple[Sequence[Photograph], str]:
    if dataset in _SENTENCES:
        sentences: SampleSet[ReferringSample] = read_dataset(dataset, root, split)
        return described(sentences), sentences.split
    samples = _classes(root, dataset, split)
    names = {name for sample in samples[:1] for name in sample.classes}
    if len(names) < 2:
        actual = ", ".join(names) or "none"
        raise DataError("names to ask for", expected="two or more", actual=actual, path=root)
    return [Labelled(sample) for sample in samples], samples.split


def _classes(root: Path, dataset: str, split: str | None) -> SampleSet[SemanticSample]:
    if dataset == FOLDER:
        if split not in (None, "all"):
            raise DataError(f"split of {FOLDER}", expected="all", actual=split, path=root)
        return SampleSet(FOLDER, "all", of_folder(read_coco(root)))
    if dataset == _OFFICIAL_COCO:
        return read_coco_inventory(root, split or find_reader(dataset).splits[0])
    found = read_dataset(dataset, root, split)
    return of_objects(found) if dataset in _OBJECTS else found


def described(samples: SampleSet[ReferringSample]) -> list[Described]:
    """Group references by their photograph, in the order in which photographs first appear."""
    grouped: dict[int | str, list[ReferringSample]] = {}
    for sample in samples:
        grouped.setdefault(sample.image_id, []).append(sample)
    return [Described(tuple(each)) for each in grouped.values()]
