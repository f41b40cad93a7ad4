"""Stopped, changed, retried, forced: what a run leaves, and what the next one makes of it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from biprompt.errors import DataError, OutputError
from biprompt.labeling.lock import locked
from biprompt.labeling.order import How, Order
from biprompt.labeling.pace import Pace
from biprompt.labeling.run import look_ahead
from biprompt.labeling.values import Settings

pytestmark = pytest.mark.usefixtures("desk")
Label = Callable[..., Any]
MakeOrder = Callable[..., Order]


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Where the fake model writes the name of every image that it answers."""
    return tmp_path / "trace"


def asked(trace: Path) -> list[str]:
    return trace.read_text().split() if trace.exists() else []


def coco(out: Path) -> Any:
    return json.loads((out / "instances.json").read_text())


def test_the_manifest_says_what_the_results_were_made_from(
    label: Label, order: MakeOrder, out: Path, images: Path
) -> None:
    label(order())
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["images"]["given"] == str(images) and manifest["images"]["count"] == 6
    assert [ask["given"] for ask in manifest["prompts"]["common"]] == [
        {"text": "cat"}, {"text": "unicorn"},
    ]  # fmt: skip
    assert manifest["model"] == {
        "model": "compact", "text_model": None, "dtype": None, "loaded": "fake", "version": "1",
    }  # fmt: skip
    assert manifest["settings"] == {"pool": "paper", "cards": False}
    assert json.loads((out / "summary.json").read_text())["verdicts"] == {"found": 6, "absent": 6}


def test_a_limit_is_a_trial_and_the_rest_comes_later(
    label: Label, order: MakeOrder, out: Path, trace: Path
) -> None:
    assert label(order(), limit=2, trace=str(trace)).images == 2
    assert len(coco(out)["images"]) == 2
    assert label(order(), limit=2, trace=str(trace)).images == 2
    assert label(order(), trace=str(trace)).images == 6
    assert asked(trace) == [f"{n:03d}.png" for n in range(6)]
    assert [image["file_name"] for image in coco(out)["images"]] == asked(trace)


class Interrupted(KeyboardInterrupt):
    pass


def test_interrupted_it_goes_on_and_gives_what_it_would_have_given(
    label: Label, order: MakeOrder, out: Path, trace: Path, tmp_path: Path
) -> None:
    def stop(pace: Pace) -> None:
        if pace.done == 3:
            raise Interrupted

    with pytest.raises(Interrupted):
        label(order(), paced=stop, trace=str(trace))
    assert not (out / "instances.json").exists()
    paces: list[Pace] = []
    label(order(), paced=paces.append, trace=str(trace))
    assert asked(trace) == [f"{n:03d}.png" for n in range(6)]
    assert [(pace.done, pace.total) for pace in paces] == [(4, 6), (5, 6), (6, 6)]
    label(order(out=str(tmp_path / "whole")))
    for name in ("instances.json", "review.jsonl", "failures.jsonl", "summary.json"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_a_broken_image_is_recorded_and_tried_again_when_asked(
    label: Label, order: MakeOrder, out: Path, images: Path, trace: Path
) -> None:
    good = (images / "003.png").read_bytes()
    (images / "003.png").write_bytes(b"broken")
    assert (label(order()).failed, len(coco(out)["images"])) == (1, 5)
    (failure,) = map(json.loads, (out / "failures.jsonl").read_text().splitlines())
    assert failure["image"] == "003.png" and "got something else" in failure["error"]
    (images / "003.png").write_bytes(good)
    assert label(order(), trace=str(trace)).failed == 1 and asked(trace) == []
    assert label(order(), retry=True, trace=str(trace)).failed == 0
    assert asked(trace) == ["003.png"] and len(coco(out)["images"]) == 6
    assert (out / "failures.jsonl").read_bytes() == b""


def test_prompts_outside_their_image_are_failures_of_their_own(
    label: Label, order: MakeOrder, out: Path, tmp_path: Path
) -> None:
    lines = [
        {"image": "000.png", "id": "in", "points": [[5, 5]], "label": "cup"},
        {"image": "000.png", "id": "out", "points": [[50, 5]], "label": "cup"},
        {"image": "lost.png", "text": "cat"},
    ]
    prompts = tmp_path / "p.jsonl"
    prompts.write_text("\n".join(map(json.dumps, lines)))
    summary = label(order(str(prompts)))
    assert (summary.images, summary.failed, summary.prompts_failed) == (1, 1, 1)
    first, second = map(json.loads, (out / "failures.jsonl").read_text().splitlines())
    assert (first["image"], first["prompt"], first["label"]) == ("000.png", "out", "cup")
    assert first["error"] == "point: expected 0 <= x < 48 and 0 <= y < 32, got (50, 5)"
    assert second["image"] == "lost.png" and "no such file" in second["error"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompts": "cat; dog"}, "prompts: expected "),
        ({"settings": Settings(pool="wide")}, "pool: expected paper, as the results there"),
        ({"settings": Settings(cards=True)}, "cards: expected False"),
    ],
)
def test_another_plan_in_the_same_folder_is_an_error(
    label: Label, order: MakeOrder, out: Path, change: dict[str, Any], message: str
) -> None:
    label(order())
    before = (out / "run" / "items.jsonl").read_bytes()
    with pytest.raises(OutputError) as raised:
        label(order(**change))
    assert str(raised.value).startswith(f"{out}: {message}") and "--force" in str(raised.value)
    assert (out / "run" / "items.jsonl").read_bytes() == before
    assert label(order()).images == 6


def test_other_images_are_another_plan_and_force_begins_anew(
    label: Label, order: MakeOrder, out: Path, images: Path, trace: Path
) -> None:
    label(order(formats=("coco", "yolo")))
    (images / "005.png").rename(images / "006.png")
    with pytest.raises(OutputError, match="images: expected 6, "):
        label(order())
    (out / "corrections.jsonl").write_text('{"image": "000.png", "objects": []}\n')
    label(order(), force=True, trace=str(trace))
    assert len(asked(trace)) == 6 and not (out / "yolo").exists()
    assert (out / "corrections.jsonl").exists()
    assert label(order(), force=True, trace=str(trace)).images == 6 and len(asked(trace)) == 6


def test_another_version_of_the_model_is_another_run(
    label: Label, order: MakeOrder, out: Path, trace: Path
) -> None:
    label(order(), limit=2)
    with pytest.raises(OutputError, match=r"version of the model: expected 1, as .*, got 2"):
        label(order(), version="2", trace=str(trace))
    assert asked(trace) == []
    label(order(), version="2", force=True, trace=str(trace))
    assert len(asked(trace)) == 6


def test_a_file_that_no_run_left_there_is_not_replaced(
    label: Label, order: MakeOrder, out: Path
) -> None:
    out.mkdir()
    (out / "instances.json").write_text("mine")
    with pytest.raises(OutputError, match=r"expected no instances.json in it"):
        label(order())
    assert (out / "instances.json").read_text() == "mine"
    label(order(), force=True)
    assert len(coco(out)["images"]) == 6


def test_a_damaged_manifest_is_told(label: Label, order: MakeOrder, out: Path) -> None:
    label(order())
    for damage in ("{", "[]", "{}", '{"format": 9, "labels": []}'):
        (out / "manifest.json").write_text(damage)
        with pytest.raises(DataError, match="manifest: expected"):
            label(order())


def test_one_run_at_a_time(label: Label, order: MakeOrder, out: Path) -> None:
    pytest.importorskip("fcntl", reason="this system has no such locks")
    with (
        locked(str(out)),
        pytest.raises(OutputError, match="expected nobody else at work there, got another run"),
    ):
        label(order())
    assert label(order()).images == 6


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """A disk with room for so many lines of a run."""
    room, true = {"lines": 10**6}, os.write

    def write(file: int, data: Any) -> int:
        if data[:7] == b'{"crc":':
            room["lines"] -= 1
            if room["lines"] < 0:
                true(file, data[:20])
                raise OSError(errno.ENOSPC, "No space left on device")
        return true(file, data)

    monkeypatch.setattr(os, "write", write)
    yield room


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    label: Label, order: MakeOrder, out: Path, trace: Path, full: dict[str, int]
) -> None:
    full["lines"] = 3
    with pytest.raises(OutputError) as raised:
        label(order(), trace=str(trace))
    shard = out / "run" / "shards" / "000000.jsonl"
    said = f"{shard}: output: expected a place to write to, got No space left on device"
    assert str(raised.value) == said
    assert shard.read_bytes().count(b"\n") == 3 and shard.read_bytes().endswith(b"}\n")
    full["lines"] = 10**6
    assert label(order(), trace=str(trace)).images == 6
    assert asked(trace) == [f"{n:03d}.png" for n in (0, 1, 2, 3, 3, 4, 5)]


def test_a_disk_that_is_full_at_the_end_leaves_what_was_there(
    label: Label, order: MakeOrder, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(order(), limit=2)
    before = (out / "instances.json").read_bytes()

    def fsync(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("biprompt.io.files.os.fsync", fsync)
        with pytest.raises(OutputError, match="No space left on device"):
            label(order())
    assert (out / "instances.json").read_bytes() == before
    assert not list(out.rglob("*.tmp"))
    assert label(order()).images == 6 and len(coco(out)["images"]) == 6


def test_results_behind_a_url(label: Label, order: MakeOrder, out: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    url = f"memory://{out.parent.name}/results"
    everything = ("coco", "yolo", "labelme", "png")
    label(order(formats=everything))
    assert label(order(out=url, formats=everything), limit=4).images == 4
    assert label(order(out=url, formats=everything)).images == 6
    files = fsspec.filesystem("memory")
    for name in ("instances.json", "yolo/labels/003.txt", "png/classes/005.png", "review.jsonl"):
        assert files.cat_file(f"{url}/{name}") == (out / name).read_bytes()


def test_looking_ahead_writes_nothing(label: Label, order: MakeOrder, out: Path) -> None:
    ahead = look_ahead(order(), How(limit=4))
    assert (ahead.plan.count, ahead.done, ahead.todo, len(ahead.first)) == (6, 0, 4, 3)
    assert not out.exists()
    label(order(), limit=2)
    ahead = look_ahead(order(), How())
    assert (ahead.done, ahead.failed, ahead.todo) == (2, 0, 4)
    with pytest.raises(OutputError, match="prompts: expected"):
        look_ahead(order("bird"), How())
    ahead = look_ahead(order("bird"), How(force=True))
    assert (ahead.done, ahead.todo) == (0, 6) and len(coco(out)["images"]) == 2


def test_a_cut_off_line_of_a_killed_run_is_done_again(
    label: Label, order: MakeOrder, out: Path, trace: Path
) -> None:
    label(order(), limit=3)
    shard = out / "run" / "shards" / "000000.jsonl"
    shard.write_bytes(shard.read_bytes()[:-10])
    assert label(order(), trace=str(trace)).images == 6
    assert asked(trace) == ["002.png", "003.png", "004.png", "005.png"]


def test_thousands_of_images_in_one_plan(
    order: MakeOrder, out: Path, tmp_path: Path, work: ModuleType
) -> None:
    from biprompt.labeling.run import label

    (tmp_path / "list.txt").write_text("".join(f"{n:06d}.png\n" for n in range(2500)))
    summary = label(order(images=str(tmp_path / "list.txt")), How(), work.Counter)
    assert summary.images == 2500 and len(coco(out)["images"]) == 2500
    assert len(list((out / "run" / "shards").iterdir())) == 3
