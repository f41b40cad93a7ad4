"""Worker processes: every item gets its line once, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from biprompt.errors import InputError, ModelError, PromptError
from biprompt.labeling.crew import Crew
from biprompt.labeling.labeller import Facts
from biprompt.labeling.lines import decode_line
from biprompt.labeling.values import Ask, Item


@pytest.fixture(autouse=True)
def nobody_stays() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def items(count: int, folder: Path = Path("/x")) -> list[Item]:
    return [Item(n, f"{n:03d}.png", str(folder / f"{n:03d}.png"), f"{n:03d}") for n in range(count)]


def numbers(lines: list[bytes]) -> list[int]:
    return [decode_line(line)["item"] for line in lines]


def test_every_item_gets_its_line(work: ModuleType) -> None:
    with Crew(work.Counter, 2, threads=1) as crew:
        assert crew.facts() == Facts("counter", "1")
        lines = list(crew.run(items(40)))
        assert sorted(lines) == sorted(work.number_line(n) for n in range(40))
        assert list(crew.run([])) == []


def test_workers_are_told_how_many_threads_they_have(
    work: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with Crew(work.Environment, 1, threads=3) as crew:
        (line,) = crew.run(items(1))
    assert decode_line(line)["threads"] == "3"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_worker_that_dies_is_replaced_and_only_the_image_that_kills_fails(
    work: ModuleType, tmp_path: Path
) -> None:
    work.write_images(tmp_path, 12)
    load = work.Load((Ask("1", "cat", {"text": "cat"}),), kill="004.png", trace=str(tmp_path / "t"))
    with Crew(load, 1) as crew:
        records = [decode_line(line) for line in crew.run(items(12, tmp_path))]
    assert sorted(record["item"] for record in records) == list(range(12))
    (failed,) = [record for record in records if not record["ok"]]
    assert failed["image"] == "004.png" and "died, twice" in failed["error"]
    tried = (tmp_path / "t").read_text().split()
    assert tried.count("004.png") == 2 and max(tried.count(name) for name in set(tried)) == 2


def test_what_is_not_the_fault_of_an_image_is_raised_here(work: ModuleType) -> None:
    with (
        pytest.raises(PromptError, match="box: expected one, got none"),
        Crew(work.Raising, 1) as crew,
    ):
        list(crew.run(items(9)))


def test_a_worker_that_dies_while_it_loads_is_told(work: ModuleType) -> None:
    with (
        pytest.raises(ModelError, match=r"died .status 7. while it loaded"),
        Crew(work.NeverLoads()) as crew,
    ):
        crew.facts()


def test_large_items_and_large_lines_do_not_wait_for_each_other(work: ModuleType) -> None:
    large = [Item(n, "x", "x", "x", (Ask("1", "x", {"text": "y" * 3_000_000}),)) for n in range(6)]
    with Crew(work.Large, 1) as crew:
        assert sorted(numbers(list(crew.run(large)))) == list(range(6))


def test_who_stops_early_ends_the_workers(work: ModuleType) -> None:
    with Crew(work.Counter, 1) as crew:
        next(crew.run(items(1000)))


def test_no_workers(work: ModuleType) -> None:
    with pytest.raises(InputError, match="workers: expected at least 1"):
        Crew(work.Counter, 0)
