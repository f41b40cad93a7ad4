"""From COCO folders to scenes: which masks, which names, what is hidden."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.training.conftest import HW, file_names, rectangle, write_folder

from biprompt.data.scenes import Scene
from biprompt.errors import DataError, ImageError
from biprompt.training.compact.bank import MAX_OBJECTS, SceneBank, scene_of
from biprompt.training.compact.photos import Folder, load_folders
from biprompt.training.compact.regions import connected_part, region_masks

RNG = np.random.default_rng


def folder(tmp_path: Path, name: str, objects: list, labels: tuple[str, ...]) -> Folder:
    photo = file_names(1, validation=False)[0]
    write_folder(tmp_path / name, {photo: objects}, labels)
    return load_folders(tmp_path, {name: 1.0}, validation=False)[0]


def only_scene(tmp_path: Path, name: str, objects: list, labels: tuple[str, ...]) -> Scene:
    made = folder(tmp_path, name, objects, labels)
    return scene_of(made.photos[0], made, RNG(0))


def test_the_split_and_the_limit(data: Path) -> None:
    def count(validation: bool, most: int | None = None) -> int:
        return len(SceneBank(load_folders(data, {"things": 1}, validation=validation, most=most)))

    assert (count(False), count(True), count(False, 2)) == (8, 3, 2)


def test_progress_names_each_folder(data: Path) -> None:
    lines: list[str] = []
    load_folders(data, {"things": 1.0}, validation=True, progress=lines.append)
    assert lines == ["things: 3 photographs"]


def test_folders_are_drawn_by_their_weights(tmp_path: Path) -> None:
    for name, label in (("often", "dog"), ("seldom", "cup")):
        photo = file_names(1, validation=False)[0]
        write_folder(tmp_path / name, {photo: [(label, rectangle(0, 0, 40, 40), {})]})
    bank = SceneBank(load_folders(tmp_path, {"often": 9.0, "seldom": 1.0}, validation=False))
    rng = RNG(0)
    drawn = [bank.draw(rng).labels[0] for _ in range(300)]
    assert 0.05 < drawn.count("cup") / 300 < 0.16


def test_a_scene_holds_what_the_file_says(tmp_path: Path) -> None:
    one, two = rectangle(5, 5, 40, 30), rectangle(10, 50, 60, 90)
    objects = [("dog", one, {}), ("cup", two, {})]
    made = only_scene(tmp_path, "mine", objects, ("dog", "cup", "cat"))
    assert made.image.shape == (*HW, 3) and made.image.dtype == np.uint8
    assert np.array_equal(made.masks, np.stack((one, two)))
    assert made.labels == ("dog", "cup") and made.things == (True, True)
    assert not made.hidden and not made.mixed
    assert {"dog", "cup", "cat"} <= made.known and "car" not in made.known


def test_a_crowd_hides_its_label(tmp_path: Path) -> None:
    objects = [
        ("dog", rectangle(5, 5, 40, 30), {}),
        ("dog", rectangle(10, 50, 60, 90), {"iscrowd": 1}),
    ]
    made = only_scene(tmp_path, "mine", objects, ("dog",))
    assert len(made.masks) == 1 and made.hidden == {"dog"}


def test_too_many_masks_are_cut_by_label(tmp_path: Path) -> None:
    dogs = [("dog", rectangle(2 * i, 0, 2 * i + 2, 20), {}) for i in range(25)]
    cups = [("cup", rectangle(2 * i, 30, 2 * i + 2, 50), {}) for i in range(25)]
    made = only_scene(tmp_path, "mine", dogs + cups, ("dog", "cup"))
    assert len(made.masks) == MAX_OBJECTS and len(made.hidden) == 1
    (cut,) = made.hidden
    whole = ({"dog", "cup"} - {cut}).pop()
    assert made.labels.count(whole) == 25 and made.labels.count(cut) == 5


def test_clothes_make_a_person(tmp_path: Path) -> None:
    hair, shirt, bag = (
        rectangle(0, 30, 10, 50),
        rectangle(10, 20, 50, 60),
        rectangle(50, 70, 60, 90),
    )
    labels = ("hair", "shirt", "bag")
    objects = [("hair", hair, {}), ("shirt", shirt, {}), ("bag", bag, {})]
    made = only_scene(tmp_path, "clothing-train", objects, labels)
    assert made.labels == ("hair", "shirt", "bag", "person")
    assert made.things == (False, False, False, True)
    assert np.array_equal(made.masks[3], hair | shirt)


def test_a_person_of_whom_a_part_is_left_out_is_hidden(tmp_path: Path) -> None:
    hair, shirt = rectangle(0, 30, 10, 50), rectangle(10, 20, 50, 60)
    objects = [("hair", hair, {}), ("shirt", shirt, {"iscrowd": 1})]
    made = only_scene(tmp_path, "clothing-train", objects, ("hair", "shirt"))
    assert made.labels == ("hair",) and made.hidden == {"shirt", "person"}


def test_regions_have_no_names(tmp_path: Path) -> None:
    parts = [rectangle(0, 0, 80, 48), rectangle(0, 48, 40, 96), rectangle(40, 48, 80, 96)]
    objects = [("region", mask, {"annotator": 7}) for mask in parts]
    objects += [("region", rectangle(0, 0, 80, 96), {"annotator": 8})]
    made = only_scene(tmp_path, "regions-train", objects, ("region",))
    assert set(made.labels) == {None} and all(made.things) and not made.known
    assert len(made.masks) and made.masks.any((1, 2)).all()


@pytest.mark.parametrize("seed", range(10))
def test_grown_regions_are_unions_of_one_annotators_regions(tmp_path: Path, seed: int) -> None:
    parts = [rectangle(0, 0, 80, 48), rectangle(0, 48, 40, 96), rectangle(40, 48, 80, 96)]
    objects = [("region", mask, {"annotator": 7}) for mask in parts]
    made = folder(tmp_path, "regions-train", objects, ("region",))
    for mask in region_masks(made.photos[0].source.annotations, RNG(seed)):
        inside = [part for part in parts if (part & mask).any()]
        assert np.array_equal(mask, np.logical_or.reduce(inside))


def test_a_photograph_of_crowds_only_gives_an_empty_scene(tmp_path: Path) -> None:
    for name, label in (("mine", "dog"), ("regions-train", "region")):
        objects = [(label, rectangle(0, 0, 40, 40), {"iscrowd": 1})]
        made = only_scene(tmp_path, name, objects, (label,))
        assert made.masks.shape == (0, *HW) and made.labels == ()


def test_things_to_paste_are_named_and_neither_tiny_nor_huge(tmp_path: Path) -> None:
    objects = [
        ("dog", rectangle(0, 0, 3, 3), {}),
        ("cup", rectangle(10, 10, 30, 40), {}),
        ("car", rectangle(0, 0, 80, 96), {}),
    ]
    bank = SceneBank([folder(tmp_path, "mine", objects, ("dog", "cup", "car"))])
    rows = {found[1] for s in range(20) if (found := bank.draw_thing(RNG(s)))}
    assert rows == {1}


def test_connected_part() -> None:
    two = rectangle(0, 0, 10, 10) | rectangle(40, 40, 60, 60) | rectangle(70, 0, 72, 2)
    parts = {connected_part(two, RNG(s), 50).sum() for s in range(30)}
    assert parts == {100, 400}
    assert connected_part(two, RNG(0), 10_000).sum() == two.sum()


def test_no_photographs() -> None:
    with pytest.raises(DataError, match="photographs with masks"):
        SceneBank([])


def test_a_photograph_of_another_size(tmp_path: Path) -> None:
    made = write_folder(tmp_path / "mine", {"a.png": [("dog", rectangle(0, 0, 9, 9), {})]})
    Image.new("RGB", (50, 40)).save(made / "images" / "a.png")
    with pytest.raises(DataError, match=r"a\.png: .*expected 96 x 80 pixels.*got 50 x 40"):
        load_folders(tmp_path, {"mine": 1.0}, validation=False)
        load_folders(tmp_path, {"mine": 1.0}, validation=True)


def test_a_damaged_photograph(tmp_path: Path) -> None:
    name = file_names(1, validation=False)[0]
    made = write_folder(tmp_path / "mine", {name: [("dog", rectangle(0, 0, 9, 9), {})]})
    (made / "images" / name).write_bytes(b"no image")
    with pytest.raises(ImageError, match=name):
        load_folders(tmp_path, {"mine": 1.0}, validation=False)


def test_the_annotators_number_may_be_anything(tmp_path: Path) -> None:
    objects = [
        ("region", rectangle(0, 0, 40, 40), {"annotator": "anna"}),
        ("region", rectangle(40, 0, 80, 40), {"annotator": 3}),
    ]
    made = write_folder(
        tmp_path / "regions-train", {file_names(1, validation=False)[0]: objects}, ("region",)
    )
    assert (
        json.loads((made / "instances.json").read_text())["annotations"][0]["annotator"] == "anna"
    )
    bank = SceneBank(load_folders(tmp_path, {"regions-train": 1.0}, validation=False))
    assert len(bank.draw(RNG(0)).masks)
