"""Open the data of a protocol: any data set whose samples it can use."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.samples import SampleSet
from biprompt.errors import DataError
from biprompt.evaluation.provenance import DataFacts, data_digest

S = TypeVar("S")

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
    limit: int | None = None,
    **options: Any,
) -> Opened[Any]:
    """Read the index of a data set; no pixels.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        split: which part; None takes the first of the reader's.
        kinds: what the protocol can use.
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
    return Opened(samples[:limit], DataFacts(name, data_digest(root)))
