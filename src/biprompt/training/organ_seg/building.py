"""From volumes to a folder of question-mask pairs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from biprompt.data.readers.registry import READERS, Kind, find_reader, read_dataset
from biprompt.data.volumes import SOFT_TISSUE, SliceSample, VolumeSample
from biprompt.errors import DataError, OutputError
from biprompt.io.files import atomic_write
from biprompt.io.formats.png import grey_png
from biprompt.presence import Domain
from biprompt.presence.bank import Question
from biprompt.training.folders import make_folder
from biprompt.training.organ_seg.choosing import Plan, Shown, choose_pairs
from biprompt.training.organ_seg.pairs import HEADER, LINES, VERSION, Pair

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was written.

    Attributes:
        pairs: how many, by split and kind.
        slices: pictures.
        volumes: volumes that were read.
    """

    pairs: dict[str, dict[str, int]]
    slices: int
    volumes: int


def read_volumes(dataset: str, root: Path) -> Sequence[VolumeSample]:
    """Find the labelled volumes of a data set; none is opened.

    Raises:
        DataError: it is not there, or not a set of volumes.
    """
    if find_reader(dataset).kind is not Kind.VOLUME:
        fit = ", ".join(name for name, reader in READERS.items() if reader.kind is Kind.VOLUME)
        raise DataError("data set", expected=f"one of {fit}", actual=dataset)
    found: Sequence[VolumeSample] = tuple(read_dataset(dataset, root))
    return found


def build_pairs(
    volumes: Sequence[VolumeSample], out: Path, domain: Domain, bank: Sequence[Question],
    plan: Plan, report: Report, *, dataset: str = "", force: bool = False,
) -> Built:  # fmt: skip
    """Write the pairs of some volumes.

    Labels are read twice, images once, one volume in memory at a time. The list of pairs is written
    last: a folder without it is not finished.

    Args:
        volumes: all with the same organs, each of them in `domain`.
        out: folder; it is made.
        domain: what can be asked for.
        bank: questions.
        plan: how pairs are chosen.
        report: takes a line for each volume.
        dataset: name of the data set, for the record.
        force: replace pairs that are there.

    Raises:
        DataError: a volume is damaged, an organ is not in the domain, or nothing can be chosen.
        OutputError: the folder holds pairs already, or cannot be written.
    """
    classes = _classes(volumes, domain)
    _check(out, force)
    shown = [each for volume in volumes for each in _shown(volume)]
    pairs = choose_pairs(shown, classes, bank, plan)
    for folder in ("slices", "labels"):
        make_folder(out / folder)
    (out / LINES).unlink(missing_ok=True)
    used = {(pair.volume, pair.index) for pair in pairs}
    for volume in volumes:
        count = _write_slices(volume, used, out)
        report(f"{volume.image_id}: {count} slices")
    built = Built(_counts(pairs), len(used), len(volumes))
    header = {
        "kind": "question-mask pairs", "version": VERSION, "dataset": dataset,
        "domain": domain.name, "classes": classes, "none": domain.none.name,
        "window": SOFT_TISSUE, "plan": asdict(plan), **asdict(built),
    }  # fmt: skip
    atomic_write(out / HEADER, _json(header, indent=1), force=True)
    atomic_write(out / LINES, b"".join(_json(asdict(pair)) for pair in pairs), force=True)
    return built


def _classes(volumes: Sequence[VolumeSample], domain: Domain) -> tuple[str, ...]:
    if not volumes:
        raise DataError("volumes", expected="at least one", actual="none")
    organs = volumes[0].organs
    unknown = [organ for organ in organs if organ not in domain.things]
    if unknown:
        expected = f"organs of the domain {domain.name}"
        raise DataError("organs", expected=expected, actual=", ".join(unknown))
    return organs


def _check(out: Path, force: bool) -> None:
    if (out / LINES).exists() and not force:
        expected = "no pairs in it (--force replaces)"
        raise OutputError("output folder", expected=expected, actual=LINES, path=out)


def _shown(volume: VolumeSample) -> Iterator[Shown]:
    for index, labels in enumerate(volume.labels()):
        counts = np.bincount(labels.ravel(), minlength=len(volume.organs) + 1)[1:]
        areas = {name: int(n) for name, n in zip(volume.organs, counts, strict=True) if n}
        yield Shown(volume.image_id, index, areas)


def _write_slices(volume: VolumeSample, used: set[tuple[str, int]], out: Path) -> int:
    wanted = {index for name, index in used if name == volume.image_id}
    if not wanted:
        return 0
    for plane in volume.slices():
        if plane.index in wanted:
            _write_slice(plane, Shown(volume.image_id, plane.index, {}).name, out)
    return len(wanted)


def _write_slice(plane: SliceSample, name: str, out: Path) -> None:
    grey, labels = plane.pixels()[:, :, 0], plane.labels.astype(np.uint8)
    for folder, picture in (("slices", grey), ("labels", labels)):
        atomic_write(out / folder / f"{name}.png", grey_png(picture), force=True, sync=False)


def _counts(pairs: Sequence[Pair]) -> dict[str, dict[str, int]]:
    counted = Counter((pair.split, pair.kind) for pair in pairs)
    splits = sorted({split for split, _ in counted})
    return {split: {k: n for (s, k), n in sorted(counted.items()) if s == split}
            for split in splits}  # fmt: skip


def _json(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode() + b"\n"
