"""Lines are kept once, in any order, through kills and damage."""

from __future__ import annotations

import random
from pathlib import Path
from types import ModuleType

import pytest

from biprompt.errors import ModelError
from biprompt.labeling.journal import SHARDS, Journal, shard_name
from biprompt.labeling.lines import encode_line
from biprompt.labeling.storage import LocalStorage


def line(item: int, what: str = "first", *, ok: bool = True) -> bytes:
    return encode_line(item, ok, {"what": what})


def told(journal: Journal) -> list[tuple[int, str]]:
    return [(record["item"], record["what"]) for record in journal.records()]


def test_records_come_in_the_order_of_the_items_whatever_came_first(tmp_path: Path) -> None:
    journal = Journal(LocalStorage(tmp_path), 5, per_shard=2)
    for item in (3, 0, 4, 1):
        assert journal.add(line(item))
    assert told(journal) == [(0, "first"), (1, "first"), (3, "first"), (4, "first")]
    assert (journal.done, len(journal), 2 in journal, 3 in journal) == (4, 5, False, True)
    assert len(list((tmp_path / SHARDS).iterdir())) == 2
    assert [r["item"] for r in journal.records([4, 0])] == [4, 0]


def test_an_item_is_kept_once(tmp_path: Path) -> None:
    journal = Journal(LocalStorage(tmp_path), 3)
    assert journal.add(line(1)) and not journal.add(line(1, "second"))
    journal.close()
    again = Journal(LocalStorage(tmp_path), 3)
    assert not again.add(line(1, "third"))
    assert told(again) == [(1, "first")] and again.done == 1


def test_answers_replace_a_failure_and_nothing_replaces_answers(tmp_path: Path) -> None:
    journal = Journal(LocalStorage(tmp_path), 2)
    assert journal.add(line(0, "broken", ok=False)) and journal.has_failed(0)
    assert (journal.done, journal.failed) == (1, 1)
    assert not journal.add(line(0, "broken again", ok=False))
    assert journal.add(line(0, "mended")) and not journal.add(line(0, "broken", ok=False))
    for kept in (journal, Journal(LocalStorage(tmp_path), 2)):
        assert (kept.done, kept.failed, told(kept)) == (1, 0, [(0, "mended")])


def test_a_new_run_begins_its_own_shard_and_goes_on(tmp_path: Path) -> None:
    for item in range(3):
        journal = Journal(LocalStorage(tmp_path), 3)
        assert journal.done == item
        journal.add(line(item))
    assert told(Journal(LocalStorage(tmp_path), 3)) == [(n, "first") for n in range(3)]


def test_cut_at_any_byte_every_whole_line_is_there(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    journal = Journal(storage, 4)
    for item in (2, 0, 3, 1):
        journal.add(line(item))
    journal.close()
    path = tmp_path / shard_name(0)
    whole = path.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    for cut in random.Random(0).sample(range(len(whole) + 1), 60):
        path.write_bytes(whole[:cut])
        assert Journal(storage, 4).done == sum(end <= cut for end in ends)


def test_damage_in_the_middle_costs_one_item_which_is_done_again(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    journal = Journal(storage, 3)
    for item in range(3):
        journal.add(line(item))
    path = tmp_path / shard_name(0)
    data = bytearray(path.read_bytes())
    data[len(line(0)) + 30] ^= 1
    path.write_bytes(data)
    again = Journal(storage, 3)
    assert list(again.places()) == [0, 2] and again.add(line(1, "again"))
    assert told(Journal(storage, 3)) == [(0, "first"), (1, "again"), (2, "first")]


def test_half_a_line_of_a_worker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="half a line"):
        Journal(LocalStorage(tmp_path), 3).add(line(0)[:-2])


def test_lines_of_more_items_than_there_are_do_not_count(tmp_path: Path) -> None:
    Journal(LocalStorage(tmp_path), 9).add(line(8))
    assert Journal(LocalStorage(tmp_path), 3).done == 0


def test_many_shards_are_read_with_few_open_files(tmp_path: Path, work: ModuleType) -> None:
    journal = Journal(LocalStorage(tmp_path), 60, per_shard=2)
    order = list(range(60))
    random.Random(1).shuffle(order)
    for item in order:
        journal.add(work.number_line(item))
    opened, close = [], []

    class Watching(LocalStorage):
        def open(self, name: str):  # type: ignore[no-untyped-def]
            file = super().open(name)
            opened.append(file)
            close.append(sum(not one.closed for one in opened))
            return file

    kept = Journal(Watching(tmp_path), 60)
    opened.clear(), close.clear()
    assert [record["item"] for record in kept.records()] == list(range(60))
    assert max(close) <= 9 and all(file.closed for file in opened)
