"""Draw the episodes of a data set: folds and numbers of examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from biprompt.data.readers._episodes import FOLDS
from biprompt.data.readers.registry import Kind, find_reader, read_dataset
from biprompt.data.samples import EpisodeSample, SampleSet
from biprompt.errors import InputError
from biprompt.evaluation.few_shot.asking import Told
from biprompt.evaluation.few_shot.protocol import FewShot
from biprompt.evaluation.few_shot.record import Drawn
from biprompt.evaluation.provenance import DataFacts
from biprompt.evaluation.samples import TRAINING_FOLDER, open_samples

SHOTS = (1, 5)
OWN_FOLDER = "coco-folder-episodes"
"""The reader of any labelled folder in COCO layout, which is known by the folder's name."""


def open_study(
    root: Path,
    dataset: str = "pascal-5i",
    splits: Sequence[str] = (),
    *,
    shots: Sequence[int] = (),
    told: str = Told.EXAMPLES,
    seed: int = 0,
    limit: int | None = None,
) -> FewShot:
    """Read a data set and return the study of it; no pixels.

    Args:
        root: its folder.
        dataset: its name, as `biprompt data` lists it.
        splits: which folds; none takes all four, of a set without folds its first part, of a
            folder in COCO layout whose name ends with -train what is kept out of training.
        shots: how many examples, each a part of the report; none takes SHOTS.
        told: one of Told; with "name" no example is shown.
        seed: fixes the examples.
        limit: only the first so many episodes of each fold and number of examples.

    Raises:
        DataError: the data are of another kind, missing, or wrong.
        InputError: `told`, `shots` or `splits` that cannot be.
    """
    counts = _checked_shots(told, shots)
    _check_once("--split", splits)
    folds = tuple(splits) or _every(dataset, root)
    first, *others = ((count, fold) for count in counts for fold in folds)
    opened = open_samples(
        root, dataset, first[1],
        kinds=(Kind.EPISODE,), limit=limit, shots=max(1, first[0]), seed=seed,
    )  # fmt: skip
    drawn = _drawn(opened.samples, *first)
    for count, fold in others:
        found = read_dataset(dataset, root, fold, shots=max(1, count), seed=seed)
        drawn += _drawn(found[:limit], count, fold)
    parts = [] if folds == _every(dataset, None) else list(folds)
    parts += ["name"] if told == Told.NAME else [f"shots{count}" for count in shots]
    name = root.resolve().name if dataset == OWN_FOLDER else dataset
    facts = DataFacts("-".join([name, *parts]), opened.data.digest)
    return FewShot(facts, tuple(drawn), dataset, folds, counts, Told(told), seed)


def _every(dataset: str, root: Path | None) -> tuple[str, ...]:
    """The splits that are read where none is named; of a folder to train on, what is kept out."""
    splits = find_reader(dataset).splits
    if dataset == OWN_FOLDER and root and root.resolve().name.endswith(TRAINING_FOLDER):
        return splits[1:]
    return splits if splits == FOLDS else splits[:1]


def _drawn(samples: SampleSet[EpisodeSample], shots: int, fold: str) -> list[Drawn]:
    return [Drawn(episode, fold, place, shots) for place, episode in enumerate(samples)]


def _checked_shots(told: str, shots: Sequence[int]) -> tuple[int, ...]:
    if told not in list(Told):
        raise InputError("told", expected=", ".join(Told), actual=told)
    if told == Told.NAME:
        if shots:
            actual = ",".join(map(str, shots))
            raise InputError("--shots", expected="none, as names are told", actual=actual)
        return (0,)
    _check_once("--shots", shots)
    if any(count < 1 for count in shots):
        raise InputError("--shots", expected="1 or more", actual=min(shots))
    return tuple(shots) or SHOTS


def _check_once(option: str, values: Sequence[object]) -> None:
    if len(set(values)) < len(values):
        actual = ",".join(map(str, values))
        raise InputError(option, expected="each value once", actual=actual)
