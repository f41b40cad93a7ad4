"""A run stopped anywhere and begun again ends in the bytes of one that was never stopped."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from biprompt.errors import ModelError
from biprompt.evaluation import runs
from biprompt.evaluation.absence import Absence, open_photographs
from biprompt.evaluation.model import Contender
from biprompt.evaluation.run import THIS_PROCESS, How, evaluate
from biprompt.evaluation.runs import RECORDS

LABELS = ["cup", "dog", "zebra"]
KEPT = "absence-many.json"


@pytest.fixture
def root(tmp_path: Path, tools: Any) -> Path:
    photos = {f"{n}{file}": tools.PHOTOS[file] for n in range(3) for file in tools.PHOTOS}
    made: Path = tools.write_set(tmp_path / "many", photos, LABELS)
    return made


@pytest.fixture
def guessing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Contender]]:
    monkeypatch.syspath_prepend(Path(__file__).parent)  # workers inherit the path
    import guessing

    yield guessing.guessing
    assert multiprocessing.active_children() == []


def study(root: Path, kind: type[Absence] = Absence, **changes: Any) -> Absence:
    opened = open_photographs(root)
    return kind(opened.data, opened.photographs, opened.kind, **changes)


def run(
    root: Path,
    out: Path,
    load: Any,
    how: How = THIS_PROCESS,
    kind: type[Absence] = Absence,
    **changes: Any,
) -> None:
    evaluate(study(root, kind, **changes), load, out, replace(how, force=True))


def records(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (out / RECORDS).glob("*.jsonl")}


def results(out: Path) -> Any:
    return json.loads((out / KEPT).read_text())["results"]


@dataclass
class Stop:
    """Interrupts after so many records, and counts those that were measured."""

    after: int | None = None
    seen: int = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if done and self.seen == self.after:
            raise KeyboardInterrupt
        self.seen += 1


TOTAL = 3 * (9 + 2)
"""Records: nine photographs and two lists of words, of the model and two baselines."""


@pytest.mark.parametrize("processes", [(1, 1), (2, 3)])
def test_stopped_after_any_record(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender], processes: tuple[int, int]
) -> None:
    from guessing import Alone  # where workers find it as well

    run(root, tmp_path / "whole", guessing, kind=Alone)
    first, second = (How(processes=count) for count in processes)
    every = range(1, 11) if processes == (1, 1) else (4,)
    for after in every:
        out = tmp_path / f"parts{after}"
        with pytest.raises(KeyboardInterrupt):
            run(root, out, guessing, replace(first, progress=Stop(after)), Alone)
        assert not (out / KEPT).exists()
        (kept,) = records(out).values()
        assert kept.count(b"\n") == 1 + after  # what it hangs on, and all that was measured
        run(root, out, guessing, second, Alone)
        assert records(out) == records(tmp_path / "whole")
        np.testing.assert_equal(results(out), results(tmp_path / "whole"))


def test_any_number_of_processes_gives_the_same_bytes(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender]
) -> None:
    from guessing import Alone

    run(root, tmp_path / "1", guessing)
    run(root, tmp_path / "2", guessing, How(processes=2))
    assert records(tmp_path / "2") == records(tmp_path / "1")
    assert results(tmp_path / "2") == results(tmp_path / "1")
    assert len(records(tmp_path / "1")) == 3  # and its baselines
    run(root, tmp_path / "3", guessing, How(processes=3), Alone)
    ours = next(iter(records(tmp_path / "3").items()))
    assert ours in records(tmp_path / "1").items()


@pytest.mark.parametrize("torn", [1, 2, 40, 200])
def test_a_torn_last_line_is_measured_again(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender], torn: int
) -> None:
    out = tmp_path / "out"
    run(root, out, guessing)
    whole, path = records(out), next((out / RECORDS).glob("*guessing.jsonl"))
    path.write_bytes(path.read_bytes()[:-torn])
    again = Stop()
    run(root, out, guessing, How(progress=again))
    assert records(out) == whole
    assert again.seen == 3 + 1  # each contender is announced, and one photograph measured


def test_a_torn_first_line_begins_anew(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender]
) -> None:
    out = tmp_path / "out"
    run(root, out, guessing)
    whole, path = records(out), next((out / RECORDS).glob("*guessing.jsonl"))
    path.write_bytes(path.read_bytes().splitlines()[0][:-9])
    again = Stop()
    run(root, out, guessing, How(progress=again))
    assert records(out) == whole and again.seen == 3 + 11


def measured_again(root: Path, out: Path, load: Any, **changes: Any) -> int:
    again = Stop()
    run(root, out, load, How(progress=again), **changes)
    return again.seen - 3


def test_the_same_again_measures_nothing(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender]
) -> None:
    assert measured_again(root, tmp_path, guessing) == TOTAL
    assert measured_again(root, tmp_path, guessing) == 0


def test_other_settings_weights_data_or_code_begin_anew(
    root: Path,
    tmp_path: Path,
    guessing: Callable[..., Contender],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "out"
    run(root, out, guessing)
    assert measured_again(root, out, guessing, template="a {}") == TOTAL
    assert measured_again(root, out, partial(guessing, "2"), template="a {}") == 11
    listing = root / "instances.json"
    listing.write_text(listing.read_text().replace('"zebra"', '"horse"'))
    assert measured_again(root, out, partial(guessing, "2"), template="a {}") == TOTAL
    monkeypatch.setattr(runs, "code_digest", lambda: "other")
    assert measured_again(root, out, partial(guessing, "2"), template="a {}") == TOTAL
    assert measured_again(root, out, partial(guessing, "2"), template="a {}") == 0


def test_a_worker_that_dies_leaves_what_is_done(
    root: Path, tmp_path: Path, guessing: Callable[..., Contender]
) -> None:
    from guessing import Alone, Dying

    run(root, tmp_path / "whole", guessing, kind=Alone)
    out = tmp_path / "parts"
    place = [each.key for each in study(root).every()].index("6")
    with pytest.raises(ModelError, match="a worker process died"):
        run(root, out, guessing, How(processes=2), Dying)
    (kept,) = records(out).values()
    assert kept.count(b"\n") == 1 + place  # all before it, in order
    run(root, out, guessing, kind=Alone)
    assert records(out) == records(tmp_path / "whole")
    np.testing.assert_equal(results(out), results(tmp_path / "whole"))
