"""Data sets opened for training, and what of them is held out: by name and folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from biprompt.data.faults import Faults
from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.samples import SampleSet
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.training.evf.data import coco_referring
from biprompt.training.evf.data.augment import Augmentation, Augmented
from biprompt.training.evf.data.checking import read_checked
from biprompt.training.evf.data.coco_referring import REFER_FAMILY, on_coco
from biprompt.training.evf.data.drafts import Drafts
from biprompt.training.evf.data.folder import FolderDrafts, Wording, part
from biprompt.training.evf.data.held_out import HeldOut, validation_samples
from biprompt.training.evf.data.objects import ObjectDrafts, alone_by_picture
from biprompt.training.evf.data.referring import ReferringDrafts, by_picture
from biprompt.training.evf.data.semantic import SemanticDrafts, semantic_phrases
from biprompt.training.evf.data.stream import Stream
from biprompt.training.evf.data.words import viewers_side

FOLDER, OBJECTS, HUMANS = "coco-folder", "objects365", "humanparsing"
MOST_WRITTEN = 6
"""Phrases that are written for a held-out picture."""

RATIOS: Mapping[str, float] = MappingProxyType(
    {
        "refclef": 0.75,
        "refcoco": 0.75,
        "refcoco+": 0.75,
        "refcocog-umd": 0.75,
        OBJECTS: 1.0,
        "ade20k": 0.25,
        "pascal-part": 0.25,
        "partimagenet": 0.25,
        HUMANS: 0.25,
    }
)
"""How often each data set of the hybrid mixture is drawn, where the recipe does not say.

The published code draws Objects365 and the four referring sets 1 : 3, and the four evenly. How
often it draws the semantic and the part-level sets is written nowhere: those numbers are ours.
"""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A data set to train on.

    Attributes:
        dataset: as `biprompt data` lists it; "coco-folder" is any folder in COCO layout.
        root: its folder.
        ratio: how often it is drawn; None: `RATIOS`, or 1.
    """

    dataset: str
    root: Path
    ratio: float | None = None

    @property
    def share(self) -> float:
        """How often it is drawn, in the unit of `RATIOS`."""
        return RATIOS.get(self.dataset, 1.0) if self.ratio is None else self.ratio


@dataclass(frozen=True, slots=True)
class Opening:
    """How data sets are opened.

    Attributes:
        most: phrases of a picture in one sample (the papers: up to 3); None: all that the data
            hold, and `MOST_WRITTEN` where phrases are written.
        augmentation: how pictures are changed (the papers: not at all).
        wording: what is said of folders in COCO layout.
        drop_held_out: leave out of training what another of the referring sets on COCO's pictures
            validates or tests on. The published code does not, so that it trains on test pictures.
    """

    most: int | None = 3
    augmentation: Augmentation = field(default_factory=Augmentation)
    wording: Wording = field(default_factory=Wording)
    drop_held_out: bool = True


def open_stream(
    specs: Sequence[SourceSpec], how: Opening, *, seed: int, faults: Faults | None = None
) -> Stream:
    """Open data sets and mix them into one endless stream.

    Args:
        specs: at least one.
        how: how they are opened.
        seed: of the stream.
        faults: where entries and pictures go that cannot be used; None: they are errors.

    Raises:
        DataError: a data set is missing, wrong, or of a kind that cannot be trained on.
    """
    faults = Faults() if faults is None else faults
    dropped = coco_referring.held_out(specs) if how.drop_held_out else frozenset()
    sources = [
        Augmented(open_drafts(spec, how, faults, dropped=dropped), how.augmentation)
        for spec in specs
    ]
    return Stream(sources, [spec.share for spec in specs], seed=seed, faults=faults)


def open_held_out(
    specs: Sequence[SourceSpec],
    how: Opening,
    *,
    limit: int | None = None,
    seed: int = 0,
    faults: Faults | None = None,
) -> list[HeldOut]:
    """Open what is held out of each data set, with all its sentences; nothing is changed.

    Args:
        specs: the data sets.
        how: how they are opened; only the wording counts.
        limit: at most so many pictures of each.
        seed: see `validation_samples`.
        faults: as in `open_stream`.

    Raises:
        DataError: as in `open_stream`.
    """
    faults, all_of_it = Faults() if faults is None else faults, replace(how, most=None)
    return [
        validation_samples(
            open_drafts(spec, all_of_it, faults, held_out=True), limit=limit, seed=seed
        )
        for spec in specs
    ]


def open_drafts(
    spec: SourceSpec,
    how: Opening,
    faults: Faults,
    *,
    held_out: bool = False,
    dropped: frozenset[int] = frozenset(),
) -> Drafts:
    """Open one part of a data set: its "train" split, or what is held out of training.

    Held out is the split "val"; of data sets without one, what `data.splits.is_validation` says.

    Args:
        spec: the data set.
        how: how it is opened.
        faults: where entries go that cannot be used.
        held_out: which part.
        dropped: numbers of COCO images that a referring set must leave out.

    Raises:
        DataError: as in `open_stream`.
    """
    name, kind = spec.dataset, find_reader(spec.dataset).kind
    if name == FOLDER:
        dataset = read_checked(spec.root, faults)
        images = part(dataset, held_out=held_out)
        return FolderDrafts(dataset, images, how.wording, how.most or MOST_WRITTEN)
    if name == OBJECTS:
        pictures = alone_by_picture(_read(spec, faults, held_out=held_out), faults)
        return ObjectDrafts(name, pictures, how.most)
    if kind is Kind.REFERRING:
        groups = by_picture(_read(spec, faults, held_out=held_out), faults)
        kept = [g for g in groups if not on_coco(name) or g[0].image_id not in dropped]
        wanted = how.augmentation.mosaic > 0 and not held_out
        facts, meanings = coco_referring.known(spec) if wanted else (None, None)
        return ReferringDrafts(name, kept, how.most, facts, meanings)
    if kind is Kind.SEMANTIC:
        samples = _read(spec, faults, held_out=held_out)
        classes = samples[0].classes if len(samples) else ()
        phrases = semantic_phrases(classes, viewers_side if name == HUMANS else str)
        return SemanticDrafts(name, samples, phrases, how.most)
    fit = [n for n, r in READERS.items() if r.kind in _KINDS or n in (FOLDER, OBJECTS)]
    raise DataError("data set to train on", expected=", ".join(fit), actual=name)


_KINDS = (Kind.REFERRING, Kind.SEMANTIC)
_TAKE_FAULTS = {*REFER_FAMILY, "ade20k", "pascal-part", "partimagenet", HUMANS, OBJECTS}


def _read(spec: SourceSpec, faults: Faults, *, held_out: bool) -> SampleSet[Any]:
    splits, wanted = find_reader(spec.dataset).splits, "val" if held_out else "train"
    split = wanted if wanted in splits else None
    options = {"faults": faults} if spec.dataset in _TAKE_FAULTS else {}
    samples = read_dataset(spec.dataset, spec.root, split, **options)
    if split is not None:
        return samples
    chosen = tuple(s for s in samples if is_validation(s.picture.path.name) == held_out)
    return SampleSet(samples.name, samples.split, chosen)
