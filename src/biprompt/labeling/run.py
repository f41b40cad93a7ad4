"""Label many images on this machine: plan, work, assemble; stopped at any moment, it goes on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from biprompt.errors import OutputError
from biprompt.labeling.crew import Crew
from biprompt.labeling.dataset import Summary, assemble
from biprompt.labeling.dataset.assembly import FAILURES, STATE, SUMMARY, check_rules
from biprompt.labeling.dataset.coco import COCO
from biprompt.labeling.dataset.review import REVIEW
from biprompt.labeling.hand import Load, Workers
from biprompt.labeling.journal import SHARDS, Journal
from biprompt.labeling.labeller import Facts
from biprompt.labeling.lock import locked
from biprompt.labeling.manifest import MANIFEST, Manifest, read_manifest
from biprompt.labeling.order import How, Order
from biprompt.labeling.pace import Meter
from biprompt.labeling.plan import Plan, make_plan, read_items
from biprompt.labeling.prompts import read_prompts
from biprompt.labeling.storage import LocalStorage, Storage, open_storage
from biprompt.labeling.values import Item

FILES = (COCO, FAILURES, REVIEW, SUMMARY)
FOLDERS = ("yolo", "labelme", "png", "cards")


Hire = Callable[[Load, How], Workers]
"""Gets what the workers load, and how many are wanted."""


def _here(load: Load, how: How) -> Workers:
    return Crew(load, how.workers, how.threads)


def label(order: Order, how: How, load: Load | None = None, hire: Hire = _here) -> Summary:
    """Label images and assemble the data set; the same order again goes on where it stopped.

    Args:
        order: what.
        how: how.
        load: makes what the workers hold; the model of the order when left out.
        hire: who does the work; processes of this machine when left out.

    Raises:
        InputError: something that was given is wrong, or the folder has results of another plan.
        ModelError: the model could not be loaded.
    """
    storage = open_storage(order.out)
    with locked(order.out):
        plan, manifest = _planned(order, storage, storage, force=how.force)
        if manifest is not None:
            check_rules(storage, order.job(manifest), force=how.force)
        journal = Journal(storage, plan.count)
        if manifest is None or any(_todo(storage, journal, how)):
            workers = hire(load or order.load(plan), how)
            manifest = _work(order, how, plan, manifest, storage, workers)
            journal = Journal(storage, plan.count)
        return assemble(
            storage, journal, order.job(manifest), processes=how.workers, force=how.force,
            told=how.told,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a run would do.

    Attributes:
        plan: all images with their prompts.
        done: images with a result of an earlier run.
        failed: of these, those without answers.
        todo: images that would be asked.
        first: some of all images.
    """

    plan: Plan
    done: int
    failed: int
    todo: int
    first: tuple[Item, ...]


def look_ahead(order: Order, how: How) -> Ahead:
    """Return what `label` would do, without a model and without writing; errors as there."""
    storage = open_storage(order.out)
    with tempfile.TemporaryDirectory() as folder:
        scratch = LocalStorage(Path(folder))
        plan, manifest = _planned(order, storage, scratch, force=how.force)
        first = tuple(islice(read_items(scratch), 3))
    journal = Journal(storage, 0 if manifest is None else plan.count)
    last = plan.count if how.limit is None else min(how.limit, plan.count)
    todo = last if manifest is None else sum(_is_open(journal, n, how) for n in range(last))
    return Ahead(plan, journal.done, journal.failed, todo, first)


def _planned(
    order: Order, storage: Storage, items: Storage, *, force: bool
) -> tuple[Plan, Manifest | None]:
    """The plan, and the manifest of earlier results that belong to it; others are removed.

    With another storage for the items nothing is removed.
    """
    manifest = read_manifest(storage)
    where = storage.where()

    def check(plan: Plan) -> None:
        if manifest is not None:
            manifest.check_plan(plan, order.model, order.settings, where)
        else:
            _check_free(storage)

    def fits(plan: Plan) -> bool:
        try:
            check(plan)
        except OutputError:
            return False
        return True

    prompts = read_prompts(order.prompts)
    plan = make_plan(
        order.images, order.prompts, prompts, items, without=order.out,
        check=(lambda plan: None) if force else check,
    )  # fmt: skip
    if force and not fits(plan):
        if items is storage:
            _remove(storage)
        return plan, None
    return plan, manifest


def _check_free(storage: Storage) -> None:
    """Raise OutputError where a file would be replaced that no run of this folder wrote."""
    there = set(storage.names("."))
    for name in FILES:
        if name in there:
            raise OutputError(
                "output folder",
                expected=f"no {name} in it (--force replaces it)",
                actual="one that no run left there",
                path=storage.where(),
            )


def _remove(storage: Storage) -> None:
    """Remove what another run left; corrections stay. The manifest goes first."""
    for name in (MANIFEST, STATE, SHARDS, *FILES, *FOLDERS):
        storage.remove(name)


def _work(
    order: Order, how: How, plan: Plan, manifest: Manifest | None, storage: Storage,
    workers: Workers,
) -> Manifest:  # fmt: skip
    """Do what is left; return the manifest that it belongs to."""
    with workers as crew:
        manifest = _begun(order, how, plan, manifest, storage, crew.facts())
        last = plan.count if how.limit is None else min(how.limit, plan.count)
        with closing(Journal(storage, plan.count)) as journal:
            meter = Meter(journal.done, last, time.monotonic())
            for line in crew.run(_todo(storage, journal, how)):
                journal.add(line)
                how.paced(meter.pace(journal.done, journal.failed, time.monotonic()))
    return manifest


def _begun(
    order: Order, how: How, plan: Plan, manifest: Manifest | None, storage: Storage, facts: Facts
) -> Manifest:
    """The manifest of the results that this model goes on with."""
    if manifest is not None:
        try:
            manifest.check_version(facts, storage.where())
            return manifest
        except OutputError:
            if not how.force:
                raise
            _remove(storage)
    manifest = Manifest.of(plan, order.model, order.settings, facts)
    manifest.save(storage)
    return manifest


def _todo(storage: Storage, journal: Journal, how: How) -> Iterator[Item]:
    for item in read_items(storage):
        if how.limit is not None and item.number >= how.limit:
            return
        if _is_open(journal, item.number, how):
            yield item


def _is_open(journal: Journal, number: int, how: How) -> bool:
    return number not in journal or (how.retry and journal.has_failed(number))
