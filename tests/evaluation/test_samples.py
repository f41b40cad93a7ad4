"""Which samples a protocol gets, and what the data are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from biprompt.data.coco import CocoDataset
from biprompt.data.readers.registry import Kind
from biprompt.data.splits import is_validation
from biprompt.errors import DataError
from biprompt.evaluation.provenance import data_digest
from biprompt.evaluation.samples import open_samples

INTERACTIVE = (Kind.INTERACTIVE,)


def test_a_folder_is_known_by_its_name(dataset: CocoDataset) -> None:
    opened = open_samples(dataset.root, kinds=INTERACTIVE)
    assert opened.data.name == "photos" and opened.data.digest == data_digest(dataset.root)
    assert [sample.key for sample in opened.samples] == ["1#1", "1#2", "2#3", "3#4"]


def test_a_relative_folder_has_the_same_name(
    dataset: CocoDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset.root)
    assert open_samples(Path("."), kinds=INTERACTIVE).data.name == "photos"


def test_a_limit_keeps_the_first_and_the_digest(dataset: CocoDataset) -> None:
    few, every = (open_samples(dataset.root, kinds=INTERACTIVE, limit=n) for n in (2, None))
    assert [each.key for each in few.samples] == ["1#1", "1#2"]
    assert few.data == every.data
    assert len(open_samples(dataset.root, kinds=INTERACTIVE, limit=99).samples) == 4


def test_a_published_set_is_known_by_name_and_split(tmp_path: Path, tools: Any) -> None:
    from PIL import Image

    for folder, mode in (("img", "RGB"), ("gt", "L")):
        (tmp_path / folder).mkdir()
        Image.new(mode, (8, 6), "white").save(tmp_path / folder / "bear.png")
    (tmp_path / "img" / "bear.png").rename(tmp_path / "img" / "bear.jpg")
    opened = open_samples(tmp_path, "davis", kinds=INTERACTIVE)
    assert opened.data.name == "davis-test" and len(opened.samples) == 1


def test_other_annotations_have_another_digest(dataset: CocoDataset) -> None:
    before = open_samples(dataset.root, kinds=INTERACTIVE).data
    listing = dataset.root / "instances.json"
    listing.write_text(listing.read_text().replace('"cup"', '"mug"'))
    after = open_samples(dataset.root, kinds=INTERACTIVE).data
    assert before.name == after.name and before.digest != after.digest


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("ade20k", None, "data set: expected one of .*coco-folder.*, got ade20k"),
        ("nothing", None, "data set: expected refcoco, .*, got nothing"),
        ("coco-folder", "val", "split of coco-folder: expected all, got val"),
    ],
)
def test_what_does_not_fit_is_told(
    dataset: CocoDataset, name: str, split: str | None, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        open_samples(dataset.root, name, split, kinds=INTERACTIVE)


def test_of_a_training_folder_only_what_is_kept_aside_is_measured(
    tmp_path: Path, tools: Any
) -> None:
    photos = {f"{n}.png": tools.PHOTOS["b.png"] for n in range(40)}
    root = tools.write_set(tmp_path / "cups-train", photos, ["cup", "dog", "zebra"])
    kept = open_samples(root, kinds=(Kind.INTERACTIVE,))
    assert kept.data.name == "cups-train-validation"
    names = {each.picture.path.name for each in kept.samples}
    assert names == {name for name in photos if is_validation(name)} and names
    every = open_samples(root, kinds=(Kind.INTERACTIVE,), validation_only=False)
    assert len(every.samples) == 40 and every.data.name == "cups-train"
