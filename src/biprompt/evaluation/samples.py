"""Open the data of a protocol: any data set whose samples it can use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.samples import InteractiveObject, SampleSet
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.evaluation.provenance import DataFacts, data_digest

S = TypeVar("S")

TRAINING_FOLDER = "-train"
"""How names of folders end of which a part may have been trained on."""

FOLDER = "coco-folder"
"""The reader of any labelled folder in COCO layout, which is known by the folder's name."""


@dataclass(frozen=True, slots=True)
class Opened(Generic[S]):
    """Samples, and which data they are.

    Attributes:
        samples: the first ones, as many as were asked for.
        data: name and digest of the whole set.
    """

    samples: SampleSet[S]
    data: DataFacts


def open_samples(
    root: Path,
    dataset: str = FOLDER,
    split: str | None = None,
    *,
    kinds: Collection[Kind],
    validation_only: bool | None = None,
    limit: int | None = None,
    **options: Any,
) -> Opened[Any]:
    """Read the index of a data set; no pixels.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        split: which part; None takes the first of the reader's.
        kinds: what the protocol can use.
        validation_only: of a folder in COCO layout, take the photographs that are kept out of
            training (`biprompt.data.splits`) and no others; None does so where its name ends with
            TRAINING_FOLDER.
        limit: only the first so many samples.
        options: `shots` and `seed`, for few-shot sets.

    Raises:
        DataError: the data are of another kind, missing, or wrong.
    """
    if find_reader(dataset).kind not in kinds:
        fit = ", ".join(name for name, reader in READERS.items() if reader.kind in kinds)
        raise DataError("data set", expected=f"one of {fit}", actual=dataset)
    samples = read_dataset(dataset, root, split, **options)
    parts = (f"{value}{name}" for name, value in options.items())
    name = root.resolve().name if dataset == FOLDER else "-".join([dataset, samples.split, *parts])
    if validation_only is None:
        validation_only = dataset == FOLDER and name.endswith(TRAINING_FOLDER)
    if validation_only:
        samples, name = _kept_aside(samples, root), f"{name}-validation"
    return Opened(samples[:limit], DataFacts(name, data_digest(root)))


def _kept_aside(samples: SampleSet[Any], root: Path) -> SampleSet[Any]:
    if any(not isinstance(each, InteractiveObject) for each in samples[:1]):
        raise DataError("validation part", expected="a folder of objects", actual=samples.name)
    kept = tuple(each for each in samples if is_validation(each.picture.path.name))
    if not kept:
        expected = "at least one photograph kept out of training"
        raise DataError("validation part", expected=expected, actual="none", path=root)
    return SampleSet(samples.name, samples.split, kept)
