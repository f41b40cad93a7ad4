"""What one image brings to the data set; made here, or in processes that share the images."""

from __future__ import annotations

import json
import multiprocessing
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from biprompt.labeling.corrections import CORRECTED, Objects
from biprompt.labeling.dataset.classes import Classes
from biprompt.labeling.dataset.coco import coco_annotations, coco_image
from biprompt.labeling.dataset.files import write_files
from biprompt.labeling.dataset.job import Job, Summary
from biprompt.labeling.dataset.review import review_lines
from biprompt.labeling.dataset.shaped import Record, Shaped, shape
from biprompt.labeling.journal import Journal
from biprompt.labeling.storage import Storage, open_storage

_CHUNK = 64


@dataclass(slots=True)
class Piece:
    """What one image brings; the files of its own are written already.

    Attributes:
        image: its COCO entry; None for a failure.
        annotations: COCO entries of its objects, without their ids.
        review: doubt and line of its doubtful answers.
        failures: lines of what failed.
        summary: the same, counted.
    """

    image: bytes | None = None
    annotations: list[bytes] = field(default_factory=list)
    review: list[tuple[float, bytes]] = field(default_factory=list)
    failures: list[bytes] = field(default_factory=list)
    summary: Summary = field(default_factory=Summary)


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes pieces; fit to be pickled.

    Attributes:
        place: of the storage.
        job: what is to be assembled.
        classes: of the data set.
        corrected: what people corrected, by the name of the image.
    """

    place: str
    job: Job
    classes: Classes
    corrected: Mapping[str, Objects]

    def piece(self, record: Record, storage: Storage) -> Piece:
        """Make the piece of a record, and write the files of its own."""
        piece = Piece(failures=list(_failures(record)))
        piece.summary.prompts_failed = len(piece.failures) if record["ok"] else 0
        if not record["ok"]:
            piece.summary.failed = 1
            return piece
        corrected = self.corrected.get(record["image"])
        shaped = shape(record, corrected, self.job.rules, self.classes)
        write_files(shaped, self.classes, self.job, storage)
        if "coco" in self.job.formats:
            piece.image = coco_image(shaped, record)
            piece.annotations = coco_annotations(shaped, self.classes, self.job.model)
        if corrected is None:
            piece.review = review_lines(record, self.job.review)
        _count(piece, record, shaped, by_hand=corrected is not None)
        return piece


def pieces(maker: Maker, journal: Journal, storage: Storage, processes: int) -> Iterator[Piece]:
    """Yield the pieces of all items that have a line, in the order of the items.

    Args:
        maker: makes them.
        journal: has the lines.
        storage: of the journal and of the files.
        processes: how many share the work; the pieces are the same.
    """
    items = journal.places()
    if processes == 1 or len(items) <= _CHUNK:
        for record in journal.records(items):
            yield maker.piece(record, storage)
        return
    chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _open, (maker, len(journal))) as pool:
        for made in pool.imap(_made, chunks):
            yield from made


_here: tuple[Maker, Journal, Storage]
"""What a process of the pool works with."""


def _open(maker: Maker, count: int) -> None:
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that began this one ends it
    storage = open_storage(maker.place)
    _here = maker, Journal(storage, count), storage


def _made(items: Sequence[int]) -> list[Piece]:
    maker, journal, storage = _here
    return [maker.piece(record, storage) for record in journal.records(items)]


def _failures(record: Record) -> Iterator[bytes]:
    """The lines of what failed: of the image, or of some of its prompts."""
    about = {"image": record["image"], "source": record["source"]}
    if not record["ok"]:
        yield _line(about | {"error": record["error"]})
        return
    for failed in record["failed"]:
        yield _line(about | {"prompt": failed["id"], **failed})


def _line(values: Mapping[str, object]) -> bytes:
    told = {name: value for name, value in values.items() if name != "id"}
    return (json.dumps(told, allow_nan=False) + "\n").encode()


def _count(piece: Piece, record: Record, shaped: Shaped, *, by_hand: bool) -> None:
    summary = piece.summary
    summary.images, summary.doubtful = 1, len(piece.review)
    summary.objects.update(thing.label for thing in shaped.image.objects if thing.area)
    if by_hand:
        summary.verdicts[CORRECTED] = len(shaped.answers)
        return
    summary.verdicts.update(answer["verdict"] for answer in record["objects"])
    unheard = (one["label"] for one in record["objects"] if one["understood"] is False)
    summary.not_understood.update(unheard)
