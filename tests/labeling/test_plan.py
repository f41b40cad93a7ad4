"""Which images there are, in what order, and what is asked of each."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from biprompt.errors import DataError, InputError, OutputError
from biprompt.labeling.plan import Plan, make_plan, read_items
from biprompt.labeling.prompts import read_prompts
from biprompt.labeling.sources import list_images
from biprompt.labeling.storage import LocalStorage


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def names(given: object, **more: Any) -> list[str]:
    return [name for name, _ in list_images(str(given), **more)]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return touch(
        tmp_path / "photos",
        *("b.JPG", "a/2.png", "a/10.png", "a.png", "notes.txt", ".hidden.png", ".cache/x.png"),
        "out/png/y.png",
    )


def test_a_folder_is_searched_in_one_order_without_what_is_hidden_or_our_own(photos: Path) -> None:
    found = list(list_images(str(photos), without=str(photos / "out")))
    assert [name for name, _ in found] == ["a.png", "b.JPG", "a/10.png", "a/2.png"]
    assert found[2][1] == str(photos / "a" / "10.png")
    assert names(photos)[-1] == "out/png/y.png"


def test_a_list_counts_from_its_folder(photos: Path) -> None:
    lines = (
        f"a/2.png\n\nb.JPG\n{photos / 'a.png'}\n/elsewhere/x.png\n../up.png\nhttps://h/p/q.png\n"
    )
    (photos / "list.txt").write_text(lines)
    found = list(list_images(str(photos / "list.txt")))
    assert found == [
        ("a/2.png", str(photos / "a/2.png")),
        ("b.JPG", str(photos / "b.JPG")),
        ("a.png", str(photos / "a.png")),
        ("elsewhere/x.png", "/elsewhere/x.png"),
        ("up.png", str(photos / "../up.png")),
        ("h/p/q.png", "https://h/p/q.png"),
    ]


def test_a_coco_file_a_pattern_an_image(photos: Path, tmp_path: Path) -> None:
    document = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(["b.JPG", "a.png"])]
    }
    (photos / "set.json").write_text(json.dumps(document))
    assert list(list_images(str(photos / "set.json"))) == [
        ("b.JPG", str(photos / "b.JPG")), ("a.png", str(photos / "a.png")),
    ]  # fmt: skip
    touch(tmp_path / "coco" / "images", "b.JPG")
    (tmp_path / "coco" / "set.json").write_text(json.dumps(document))
    (first, *_) = list_images(str(tmp_path / "coco" / "set.json"))
    assert first == ("b.JPG", str(tmp_path / "coco" / "images" / "b.JPG"))
    assert names(photos / "a" / "*.png") == ["10.png", "2.png"]
    assert names(photos / "**" / "*.png")[:2] == ["a.png", "a/10.png"]
    assert names(photos / "b.JPG") == ["b.JPG"]


def test_images_behind_a_url() -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    root = f"memory://{uuid.uuid4().hex}"
    files = fsspec.filesystem("memory")
    for name in ("b.png", "deep/a.jpg", "notes.txt"):
        files.pipe_file(f"{root}/{name}", b"x")
    assert list(list_images(root)) == [
        ("b.png", f"{root}/b.png"),
        ("deep/a.jpg", f"{root}/deep/a.jpg"),
    ]
    assert names(f"{root}/b.png") == ["b.png"]


def test_what_is_wrong_with_images(photos: Path) -> None:
    with pytest.raises(InputError, match="nowhere: images: expected a folder"):
        names(photos / "nowhere")
    (photos / "list.txt").write_text("a.png\nb.png\na.png\n")
    with pytest.raises(DataError, match=r"list.txt: images: expected each once, got a.png twice"):
        names(photos / "list.txt")
    (photos / "list.txt").write_bytes(b"a.png\ncaf\xe9.png\n")
    with pytest.raises(DataError, match="line 2: expected UTF-8"):
        names(photos / "list.txt")


@pytest.fixture
def planned(tmp_path: Path) -> Callable[..., Plan]:
    def plan(images: Path, prompts: str = "cat; dog", **more: Any) -> Plan:
        storage = LocalStorage(tmp_path / "plan")
        return make_plan(str(images), prompts, read_prompts(prompts), storage, **more)

    return plan


def test_a_plan_lists_every_image_once(
    photos: Path, tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    plan = planned(photos, without=str(photos / "out"))
    assert (plan.count, plan.unasked, plan.labels) == (4, 0, ("cat", "dog"))
    items = list(read_items(LocalStorage(tmp_path / "plan")))
    assert [(item.number, item.name, item.stem, item.asks) for item in items] == [
        (0, "a.png", "a", ()), (1, "b.JPG", "b", ()), (2, "a/10.png", "a/10", ()),
        (3, "a/2.png", "a/2", ()),
    ]  # fmt: skip
    assert Path(items[0].source).is_absolute()


def test_images_that_differ_in_the_ending_only_get_files_of_their_own(
    tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    (tmp_path / "list.txt").write_text("x.png.gif\nx.jpg\nx.png\nx.tif\ny/x.jpg\n")
    planned(tmp_path / "list.txt")
    stems = [item.stem for item in read_items(LocalStorage(tmp_path / "plan"))]
    assert stems == ["x.png", "x", "x.png-2", "x.tif", "y/x"]


def test_own_prompts_and_images_that_only_they_name(
    photos: Path, tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    lines = [
        {"image": "b.JPG", "box": [1, 1, 5, 5], "label": "car"},
        {"image": "lost.png", "text": "cat"},
        {"image": "b.JPG", "text": "dog"},
    ]
    prompts = tmp_path / "p.jsonl"
    prompts.write_text("\n".join(map(json.dumps, lines)))
    plan = planned(photos, str(prompts))
    assert (plan.count, plan.unasked, plan.labels) == (2, 4, ("car", "cat", "dog"))
    first, lost = read_items(LocalStorage(tmp_path / "plan"))
    assert [(ask.id, ask.label) for ask in first.asks] == [("1", "car"), ("2", "dog")]
    assert (lost.name, lost.source) == ("lost.png", str(photos / "lost.png"))
    prompts.write_text('{"image": "other/b.JPG", "text": "cat"}')
    with pytest.raises(InputError, match=r"prompts: expected names of images there, got other/b"):
        planned(photos, str(prompts))


def test_digests_hang_on_names_and_prompts_and_not_on_the_place(
    photos: Path, tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    def digests(*given: Any) -> tuple[str, str]:
        plan = planned(*given)
        return plan.images_digest, plan.prompts_digest

    first = digests(photos)
    assert digests(photos.rename(tmp_path / "moved")) == first
    moved = tmp_path / "moved"
    assert digests(moved, "cat; bird")[0] == first[0] != digests(moved, "cat; bird")[1]
    touch(moved, "new.png")
    assert digests(moved)[0] != first[0]


def test_a_plan_that_is_refused_leaves_the_one_before(
    photos: Path, tmp_path: Path, planned: Callable[..., Plan]
) -> None:
    planned(photos)
    before = (tmp_path / "plan" / "run" / "items.jsonl").read_bytes()

    def refuse(plan: Plan) -> None:
        raise OutputError("plan", expected="another", actual=plan.count)

    with pytest.raises(OutputError):
        planned(touch(photos, "new.png"), check=refuse)
    assert (tmp_path / "plan" / "run" / "items.jsonl").read_bytes() == before


def test_an_empty_folder(tmp_path: Path, planned: Callable[..., Plan], work: ModuleType) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"expected at least one .*, got no image"):
        planned(tmp_path / "empty")
